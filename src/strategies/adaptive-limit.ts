/**
 * A number of downloads in flight that is learned: a ceiling, until it shows to be too much. Then the limit
 * shrinks to 0.7 of what was in flight, once a burst, and comes back one at a time, after as many downloads
 * that went well: additive increase, multiplicative decrease.
 * @see Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance" (1989)
 */
export class AdaptiveLimit {
  readonly #ceiling: number;
  #limit: number;
  #good = 0;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#limit = ceiling;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Whether there is nothing learned: it is as it was at the beginning. */
  get isAtCeiling(): boolean {
    return this.#limit === this.#ceiling;
  }

  /** `inFlight` downloads were too many. Returns whether this was the first word of its burst. */
  shrink(inFlight: number, burstMs: number): boolean {
    const now = performance.now();
    if (now - this.#shrunkAt < burstMs) return false;
    const from = Math.min(this.#limit, Math.max(inFlight, 1));
    this.#limit = Math.max(1, Math.floor(from * 0.7));
    this.#good = 0;
    this.#shrunkAt = now;
    return true;
  }

  wentWell(): void {
    if (this.isAtCeiling) return;
    this.#good += 1;
    if (this.#good < this.#limit) return;
    this.#good = 0;
    this.#limit += 1;
  }
}
