/** Lets `perSecond` through over time, and up to `burst` at once. It begins full. */
export class TokenBucket {
  #tokens = Number.POSITIVE_INFINITY;
  #filledMs = 0;

  /** False: one too many. Rate and burst may differ from call to call. */
  take(perSecond: number, burst: number, nowMs: number): boolean {
    const gained = ((nowMs - this.#filledMs) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
