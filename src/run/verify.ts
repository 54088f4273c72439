import type { VerifyEndEvent, VerifyEvent } from '../core/events.ts';
import { markChanged } from '../journal/mark-changed.ts';
import { WrongRows } from '../journal/wrong-rows.ts';
import type { EventQueue } from './event-queue.ts';
import { verifyInto } from './verify-into.ts';

export interface VerifyContext {
  signal?: AbortSignal;
}

/**
 * Hashes what is stored under `dir` again and compares it with the journal. What is changed is marked
 * there, where it can be written, so that the next run fetches it again as it does what is missing. Events, in no
 * order, go to `queue`; `exitCode` is 3 where something is missing or changed. Rejects as `verifyInto` does.
 */
export async function performVerify(
  dir: string,
  { signal }: VerifyContext,
  queue: EventQueue<VerifyEvent>,
): Promise<VerifyEndEvent> {
  const startedAt = performance.now();
  const wrong = new WrongRows();
  try {
    const counts = await verifyInto(dir, signal, queue, (row, state) => {
      if (state === 'changed') wrong.add(row, true);
    });
    try {
      if (wrong.changed > 0) markChanged(dir, wrong.changedKeys());
    } catch {
      // In use, or read-only: what was found is told all the same.
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const exitCode = counts.missing + counts.changed > 0 ? 3 : 0;
    const end: VerifyEndEvent = { event: 'end', ...counts, seconds, exitCode };
    await queue.push(end);
    return end;
  } finally {
    wrong.close();
  }
}
