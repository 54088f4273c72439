import type { ProgressEvent } from '../core/events.ts';
import type { Outcome, SkipCode } from '../core/outcome.ts';

/** The rate is that of the last seconds. */
const windowMs = 3000;

/** Counts what a run has done so far. */
export class Meter {
  total: number | null = null;
  saved = 0;
  kept = 0;
  skipped = 0;
  /** As in `EndEvent`. */
  readonly skippedBy: Partial<Record<SkipCode, number>> = {};
  failed = 0;
  /** Of saved files. */
  savedBytes = 0;
  #received = 0;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #samples: [at: number, received: number][] = [];

  /** `now` in milliseconds, from wherever. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
  }

  get done(): number {
    return this.saved + this.kept + this.skipped + this.failed;
  }

  get seconds(): number {
    return (this.#now() - this.#startedAt) / 1000;
  }

  count({ status, bytes, skip }: Outcome): void {
    this[status] += 1;
    if (skip !== undefined) this.skippedBy[skip.code] = (this.skippedBy[skip.code] ?? 0) + 1;
    if (status === 'saved') this.savedBytes += bytes;
  }

  received(bytes: number): void {
    this.#received += bytes;
  }

  progress(inFlight: number, computing = 0): ProgressEvent {
    const now = this.#now();
    this.#samples.push([now, this.#received]);
    while (this.#samples.length > 2 && now - this.#samples[0]![0] > windowMs) this.#samples.shift();
    const [since, before] = this.#samples.length > 1 ? this.#samples[0]! : [this.#startedAt, 0];
    return {
      event: 'progress',
      done: this.done,
      total: this.total,
      bytes: this.#received,
      bytesPerSecond: now > since ? Math.round(((this.#received - before) * 1000) / (now - since)) : 0,
      inFlight,
      computing,
      skipped: this.skipped,
      failed: this.failed,
    };
  }
}
