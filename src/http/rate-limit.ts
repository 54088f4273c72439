/** A token bucket for bytes (`--limit-rate`), with a quarter of a second of burst. */
export class RateLimit {
  readonly #bytesPerSecond: number;
  #tokens = 0;
  #filledAt = performance.now();

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Takes what has arrived already; returns how long to read nothing more, in milliseconds. */
  take(bytes: number): number {
    const now = performance.now();
    const burst = this.#bytesPerSecond / 4;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#bytesPerSecond);
    this.#filledAt = now;
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#bytesPerSecond) * 1000;
  }
}
