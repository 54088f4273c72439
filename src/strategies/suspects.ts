import type { Work } from '../core/run-spec.ts';

/**
 * Work that was in a worker when it died. It goes on one after the other, so that the one that kills
 * its worker each time is found, and not what happened to be beside it.
 */
export class Suspects {
  readonly #deaths = new WeakMap<Work, number>();
  #waiting: Work[] = [];
  #current: Work | undefined;

  /** A worker died with `work` in it. Returns how often that happened. */
  died(work: Work): number {
    const deaths = (this.#deaths.get(work) ?? 0) + 1;
    this.#deaths.set(work, deaths);
    return deaths;
  }

  add(work: Work): void {
    this.#waiting.push(work);
  }

  /** `work` is not in flight any more; if it was the one that went on, the next one may. */
  ended(work: Work): void {
    if (work === this.#current) this.#current = undefined;
  }

  /** The next to go on; undefined where there is none, or one is on its way. */
  next(): Work | undefined {
    if (this.#current !== undefined) return undefined;
    this.#current = this.#waiting.shift();
    return this.#current;
  }

  clear(): void {
    this.#waiting = [];
  }
}
