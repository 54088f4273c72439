/** Counts by key; forgets everything rather than grow past `most` keys. */
export class Counters {
  readonly #counts = new Map<string, number>();
  readonly #most: number;

  constructor(most = 100_000) {
    this.#most = most;
  }

  /** How often the key was counted before. */
  next(key: string): number {
    const before = this.#counts.get(key) ?? 0;
    if (before === 0 && this.#counts.size >= this.#most) this.#counts.clear();
    this.#counts.set(key, before + 1);
    return before;
  }
}
