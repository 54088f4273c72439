import type { VerifyEndEvent, VerifyEvent } from '../core/events.ts';
import { markChanged } from '../journal/mark-changed.ts';
import type { EventQueue } from './event-queue.ts';
import { verifyFiles } from './stored-files.ts';

export interface VerifyContext {
  signal?: AbortSignal;
}

/**
 * Hashes what is stored under `dir` again and compares it with the journal. What is changed is marked
 * there, where it can be written, so that the next run fetches it again as it does what is missing. Events, in no
 * order, go to `queue`; `exitCode` is 3 where something is missing or changed. Rejects as `verifyFiles` does.
 */
export async function performVerify(
  dir: string,
  context: VerifyContext,
  queue: EventQueue<VerifyEvent>,
): Promise<VerifyEndEvent> {
  const startedAt = performance.now();
  const counts = { good: 0, missing: 0, changed: 0, foreign: 0, bytes: 0 };
  const changed: string[] = [];
  await verifyFiles(dir, context.signal, (found, row) => {
    counts[found.state] += 1;
    counts.bytes += found.bytes;
    if (found.state === 'changed') changed.push(row!.key);
    return queue.push({ event: 'verified', ...found });
  });
  try {
    if (changed.length > 0) markChanged(dir, changed);
  } catch {
    // In use, or read-only: what was found is told all the same.
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const exitCode = counts.missing + counts.changed > 0 ? 3 : 0;
  const end: VerifyEndEvent = { event: 'end', ...counts, seconds, exitCode };
  await queue.push(end);
  return end;
}
