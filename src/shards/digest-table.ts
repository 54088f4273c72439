/** Of a power of two slots, at most so many are taken: the next free one is near. */
const fullest = 0.7;
const words = 4;

/**
 * Positions by digest: 96 bits of each and a number of 32 bits, in an open-addressed table, so that a million take 34 MB. Two
 * digests of a billion are taken for one with a chance of one in a hundred billion.
 */
export class DigestTable {
  /** Three words of the digest, and the position plus 1; 0 there is a free slot. */
  #table = new Uint32Array(words * 1024);
  #size = 0;

  find(digest: string): number | null {
    const position = this.#table[this.#slot(word(digest, 0), word(digest, 8), word(digest, 16)) + 3]!;
    return position === 0 ? null : position - 1;
  }

  /** Of a digest that is not there yet. */
  add(digest: string, position: number): void {
    if ((this.#size + 1) * words > fullest * this.#table.length) this.#grow();
    this.#put(word(digest, 0), word(digest, 8), word(digest, 16), position + 1);
    this.#size += 1;
  }

  #put(a: number, b: number, c: number, value: number): void {
    this.#table.set([a, b, c, value], this.#slot(a, b, c));
  }

  /** Where that digest is, or would be. */
  #slot(a: number, b: number, c: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = (a * words) & mask;
    while (table[slot + 3] !== 0 && (table[slot] !== a || table[slot + 1] !== b || table[slot + 2] !== c)) {
      slot = (slot + words) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += words) {
      if (old[at + 3] !== 0) this.#put(old[at]!, old[at + 1]!, old[at + 2]!, old[at + 3]!);
    }
  }
}

const word = (digest: string, at: number): number => Number.parseInt(digest.slice(at, at + 8), 16) >>> 0;
