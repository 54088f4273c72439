/**
 * A sample of a stream whose length nobody knows, evenly spaced over it: every n-th, where n doubles when there are too
 * many. The same stream gives the same sample.
 */
export class EvenSample<T> {
  readonly #most: number;
  #taken: T[] = [];
  #every = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(value: T): void {
    if (this.#seen % this.#every === 0) {
      if (this.#taken.length === 2 * this.#most) {
        this.#taken = this.#taken.filter((_, at) => at % 2 === 0);
        this.#every *= 2;
      }
      // What is 2 x most steps along is one of the fewer steps, too.
      this.#taken.push(value);
    }
    this.#seen += 1;
  }

  /** At most `most`, in the order in which they came. */
  values(): T[] {
    const count = this.#taken.length;
    if (count <= this.#most) return [...this.#taken];
    return Array.from({ length: this.#most }, (_, n) => this.#taken[Math.floor((n * count) / this.#most)]!);
  }
}
