import type { VerifiedEvent, VerifyEndEvent } from '../core/events.ts';
import type { StoredRow } from '../journal/journal.ts';
import type { EventQueue } from './event-queue.ts';
import { verifyFiles } from './stored-files.ts';

/** How many files a verification found in which state, and how many bytes it read. */
export type Counts = Pick<VerifyEndEvent, 'good' | 'missing' | 'changed' | 'foreign' | 'bytes'>;

/**
 * Verifies what is stored under `dir`: an event for each file goes to `queue`, in no order, and the row of each that
 * is missing or changed to `keep`. Rejects as `verifyFiles` does.
 */
export async function verifyInto(
  dir: string,
  signal: AbortSignal | undefined,
  queue: Pick<EventQueue<VerifiedEvent>, 'push'>,
  keep: (row: StoredRow, state: 'missing' | 'changed') => void,
): Promise<Counts> {
  const counts = { good: 0, missing: 0, changed: 0, foreign: 0, bytes: 0 };
  await verifyFiles(dir, signal, (found, row) => {
    counts[found.state] += 1;
    counts.bytes += found.bytes;
    if (row !== null && (found.state === 'missing' || found.state === 'changed')) keep(row, found.state);
    return queue.push({ event: 'verified', ...found });
  });
  return counts;
}
