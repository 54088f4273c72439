const windowMs = 10_000;
const minMs = 3_000;
const minItems = 5;
const minStepMs = 200;

/**
 * Seconds until the end, from how fast items ended in the last ten seconds. Says nothing before three
 * seconds and five items have been seen: a guess made earlier is wrong more often than not.
 */
export class TimeLeft {
  #seen: { atMs: number; done: number }[] = [];

  /** `done` items by `nowMs`, on a clock that only goes forward. */
  add(done: number, nowMs: number): void {
    const last = this.#seen.at(-1);
    if (last !== undefined && nowMs - last.atMs < minStepMs) return;
    this.#seen.push({ atMs: nowMs, done });
    while (this.#seen.length > 2 && nowMs - this.#seen[1]!.atMs >= windowMs) this.#seen.shift();
  }

  /** Null where it is not known. */
  seconds(remaining: number): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (first === undefined || last === undefined) return null;
    const [ms, items] = [last.atMs - first.atMs, last.done - first.done];
    if (ms < minMs || items < minItems) return null;
    return (remaining * ms) / items / 1000;
  }
}
