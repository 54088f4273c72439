import type { Work } from '../core/run-spec.ts';
import type { Host, HostQueues } from './host-queues.ts';

/** Work that is read ahead, so that a busy host does not hide the others. */
const maxQueued = 1000;

/** Reads work into the queues of its hosts, as long as there is room. Use once. */
export class ReadAhead {
  readonly #queues: HostQueues;
  #isStopped = false;
  #wake = () => {};
  isDone = false;
  /** What ended the list of work; what came before it is still done. */
  failure: unknown;

  constructor(queues: HostQueues) {
    this.#queues = queues;
  }

  /** Tells `added` of the host of each. Resolves when there is no more, for whatever reason; never rejects. */
  async read(source: AsyncIterable<Work>, added: (host: Host) => void): Promise<void> {
    try {
      for await (const work of source) {
        if (this.#isStopped) break;
        added(this.#queues.add(work));
        while (this.#queues.size >= maxQueued && !this.#isStopped) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } catch (error) {
      this.failure = error;
    }
    this.isDone = true;
  }

  /** There may be room again. */
  goOn(): void {
    if (this.#queues.size < maxQueued) this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }
}
