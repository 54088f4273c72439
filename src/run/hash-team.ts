import { availableParallelism } from 'node:os';
import { InternalError, thrownText } from '../core/errors.ts';
import { HashThread } from './hash-thread.ts';
import type { FoundFile } from './hash-worker.ts';

/** On few cores, too, more than one: while one waits for the disk another may hash. */
const size = Math.min(8, Math.max(2, availableParallelism()));

/** Threads that hash files together. What a thread that is lost had in hand goes to the others. */
export class HashTeam {
  readonly #threads = Array.from({ length: size }, () => new HashThread());

  /**
   * Hashes batch after batch, each read when a thread is free for it, and tells what stands under the paths of each,
   * waiting for the promise; in no order. Rejects with an `InternalError` when no thread is left, and as `tell` does.
   */
  async hash<Batch>(
    batches: Iterable<Batch>,
    pathsOf: (batch: Batch) => string[],
    tell: (batch: Batch, found: FoundFile[]) => Promise<void>,
  ): Promise<void> {
    const unread = Iterator.from(batches);
    const left: Batch[] = [];
    let loss: unknown;
    const work = async (thread: HashThread) => {
      for (;;) {
        const batch = left.pop() ?? unread.next().value;
        if (batch === undefined) return;
        let found: FoundFile[];
        try {
          found = await thread.find(pathsOf(batch));
        } catch (error) {
          left.push(batch);
          loss = error;
          return;
        }
        await tell(batch, found);
      }
    };
    try {
      do {
        const fit = this.#threads.filter((thread) => !thread.isLost);
        if (fit.length === 0) {
          throw new InternalError(`no thread that hashes could be used: ${thrownText(loss)}`, {
            cause: loss,
          });
        }
        await Promise.all(fit.map(work));
      } while (left.length > 0);
    } finally {
      unread.return?.();
    }
  }

  /** At once, also in the middle of a file. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
