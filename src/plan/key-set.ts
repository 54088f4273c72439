import { hash } from 'node:crypto';

/** Of a power of two slots, at most so many are taken: the next free one is near. */
const fullest = 0.7;

/**
 * The keys of a run, to find the second of two equal ones: 64 bits of a digest each in an open-addressed table, so
 * that a million keys of any length take 16 MB. May, once in thirty million runs of a million keys, say yes for a key
 * that was not added.
 */
export class KeySet {
  /** Pairs of halves; 0, 0 is a free slot. */
  #table = new Uint32Array(2 * 1024);
  #size = 0;

  has(key: string): boolean {
    const [low, high] = digest(key);
    return this.#table[this.#slot(low, high) + 1] !== 0;
  }

  /** Returns whether it was not there before. */
  add(key: string): boolean {
    const [low, high] = digest(key);
    const slot = this.#slot(low, high);
    if (this.#table[slot + 1] !== 0) return false;
    this.#table[slot] = low;
    this.#table[slot + 1] = high;
    this.#size += 1;
    if (this.#size > (fullest * this.#table.length) / 2) this.#grow();
    return true;
  }

  /** Where that digest is, or would be. */
  #slot(low: number, high: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = (low * 2) & mask;
    while (table[slot + 1] !== 0 && (table[slot] !== low || table[slot + 1] !== high))
      slot = (slot + 2) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at + 1]!;
      if (high === 0) continue;
      const slot = this.#slot(old[at]!, high);
      this.#table[slot] = old[at]!;
      this.#table[slot + 1] = high;
    }
  }
}

/** Two halves of 32 bits, of which the second is never 0. As text: making a buffer takes three times as long. */
function digest(key: string): [low: number, high: number] {
  const bytes = hash('sha1', key, 'binary');
  const half = (at: number) =>
    ((bytes.charCodeAt(at) << 24) |
      (bytes.charCodeAt(at + 1) << 16) |
      (bytes.charCodeAt(at + 2) << 8) |
      bytes.charCodeAt(at + 3)) >>>
    0;
  return [half(0), half(4) || 1];
}
