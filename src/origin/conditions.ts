import type { OriginOptions } from './options.ts';

/** The options that hold now: those of the start, and once the change has come those that replace them. */
export class Conditions {
  readonly #first: OriginOptions;
  readonly #second: OriginOptions;
  readonly #now: () => number;
  #hasChanged = false;
  #requests = 0;
  #startedMs: number | undefined;

  constructor(options: OriginOptions, now: () => number) {
    this.#first = options;
    this.#second = { ...options, ...options.changed };
    this.#now = now;
  }

  get current(): OriginOptions {
    this.#hasChanged ||= this.#isDue();
    return this.#hasChanged ? this.#second : this.#first;
  }

  /** To be called for every picture that is asked for. */
  count(): void {
    this.#startedMs ??= this.#now();
    this.#requests += 1;
  }

  /** The change is still to come. */
  reset(): void {
    this.#hasChanged = false;
    this.#requests = 0;
    this.#startedMs = undefined;
  }

  #isDue(): boolean {
    const { change } = this.#first;
    if (change === null || this.#startedMs === undefined) return false;
    if ('afterMs' in change) return this.#now() - this.#startedMs >= change.afterMs;
    return this.#requests > change.afterRequests;
  }
}
