import { failedOutcome } from '../core/blank-outcome.ts';
import type { HandedBackError } from '../core/handed-back.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Work } from '../core/run-spec.ts';
import type { DispatchContext } from './dispatch-context.ts';
import type { FileCeiling } from './file-ceiling.ts';
import type { Host, HostQueues } from './host-queues.ts';
import type { WorkerLostError } from './place.ts';
import { Suspects } from './suspects.ts';

/** Deaths of a worker with the same item in it, after which the item is not tried again. */
const maxDeaths = 3;

/**
 * Decides what becomes of work that came back from its place undone: it waits for another turn, or fails for good. Once
 * stopped, none waits any more.
 */
export class Returns {
  readonly #context: Pick<DispatchContext, 'note'>;
  readonly #queues: HostQueues;
  readonly #files: FileCeiling;
  readonly #suspects = new Suspects();
  #isStopped = false;

  constructor(context: Pick<DispatchContext, 'note'>, queues: HostQueues, files: FileCeiling) {
    this.#context = context;
    this.#queues = queues;
    this.#files = files;
  }

  /** Its place handed it back, to be tried again later. */
  handedBack(work: Work, host: Host, { handBack }: HandedBackError): void {
    if (!this.#isStopped) this.#queues.handBack(work, host, handBack);
  }

  /** Its worker died: it goes to another, or, when it was there at too many deaths, has this outcome. */
  lost(work: Work, error: WorkerLostError): Outcome | undefined {
    const deaths = this.#suspects.died(work);
    if (deaths >= maxDeaths) {
      return failedOutcome(work.item, {
        code: 'worker-lost',
        message: `${error.message}, ${deaths} times with this item`,
        retryable: true,
      });
    }
    if (!this.#isStopped) this.#suspects.add(work);
    return undefined;
  }

  /** No file could be opened for it, one of `inFlight`. Returns whether it waits; else its failure stands. */
  foundNoFile(work: Work, inFlight: number): boolean {
    if (this.#files.limit === Number.POSITIVE_INFINITY) {
      this.#context.note(
        'warning',
        'this machine allows no more open files; going on with fewer downloads at once',
      );
    }
    const waits = this.#files.lower(work, inFlight);
    if (waits && !this.#isStopped) this.#queues.add(work, true);
    return waits;
  }

  /** It is not in flight any more, whatever became of it. */
  ended(work: Work): void {
    this.#suspects.ended(work);
  }

  /** Of those that were there at a death the next one has its turn, where none has. */
  takeUp(): void {
    const suspect = this.#suspects.next();
    if (suspect !== undefined) this.#queues.add(suspect, true);
  }

  stop(): void {
    this.#isStopped = true;
    this.#suspects.clear();
  }
}
