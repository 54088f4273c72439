/** Numbers for what is in flight: always the lowest free one, so that n together use exactly 0 to n - 1. */
export class Slots {
  readonly #taken: boolean[] = [];
  #lowestFree = 0;
  used = 0;
  peak = 0;

  take(): number {
    const slot = this.#lowestFree;
    this.#taken[slot] = true;
    while (this.#taken[this.#lowestFree] === true) this.#lowestFree += 1;
    this.used += 1;
    this.peak = Math.max(this.peak, this.used);
    return slot;
  }

  release(slot: number): void {
    this.#taken[slot] = false;
    this.#lowestFree = Math.min(this.#lowestFree, slot);
    this.used -= 1;
  }
}
