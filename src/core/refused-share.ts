/** How much one answer less counts for with each that came after it: those of the last thirty or so decide. */
const fading = 0.95;

/**
 * The share of a host's recent answers that were refusals, 0 to 1: an average that forgets exponentially, and is right from
 * its first answer on, as what it has not seen yet has no weight.
 */
export class RefusedShare {
  #answers = 0;
  #refused = 0;

  add(wasRefused: boolean): void {
    this.#answers = fading * this.#answers + 1;
    this.#refused = fading * this.#refused + (wasRefused ? 1 : 0);
  }

  /** 0 where there were no answers. */
  get value(): number {
    return this.#answers === 0 ? 0 : this.#refused / this.#answers;
  }

  /** As many answers, each of the same weight, would tell as much: at most 39. */
  get answers(): number {
    return (this.#answers * (1 + fading)) / (2 - (1 - fading) * this.#answers);
  }
}
