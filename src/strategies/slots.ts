/**
 * Numbers for what is under way: always the lowest free one, so that n together use exactly 0 to n - 1. What is under way
 * is in flight first, and may be computed with after that, when its bytes are here.
 */
export class Slots {
  readonly #taken: boolean[] = [];
  #lowestFree = 0;
  used = 0;
  /** Of the used: not on the network any more. */
  computing = 0;
  /** The most that were in flight at once. */
  peak = 0;

  get inFlight(): number {
    return this.used - this.computing;
  }

  take(): number {
    const slot = this.#lowestFree;
    this.#taken[slot] = true;
    while (this.#taken[this.#lowestFree] === true) this.#lowestFree += 1;
    this.used += 1;
    this.peak = Math.max(this.peak, this.inFlight);
    return slot;
  }

  release(slot: number): void {
    this.#taken[slot] = false;
    this.#lowestFree = Math.min(this.#lowestFree, slot);
    this.used -= 1;
  }
}
