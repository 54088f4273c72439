/** What is to be done later, in order of time. Times are of any one clock. */
export class Later<T> {
  /** The latest first. */
  #entries: { at: number; what: T }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** When the next one is due; undefined where there is none. */
  get nextAt(): number | undefined {
    return this.#entries.at(-1)?.at;
  }

  add(what: T, at: number): void {
    const before = this.#entries.findLastIndex((entry) => entry.at > at);
    this.#entries.splice(before + 1, 0, { at, what });
  }

  /** Takes what is due, the earliest first. */
  *due(now: number): Generator<T> {
    while ((this.nextAt ?? Number.POSITIVE_INFINITY) <= now) yield this.#entries.pop()!.what;
  }

  clear(): void {
    this.#entries = [];
  }
}
