/** Bits of the three bands, from the highest on. */
const bandBits = [22, 21, 21] as const;
const bands = bandBits.length;

/**
 * Positions by a hash of 64 bits, found by Hamming distance: multi-index hashing (Norouzi, Punjani, Fleet 2012). Cut into
 * three bands, two hashes at distance d have a band in which they differ in d/3 bits at most: what is near one in all is
 * in a bucket that is near in one band. With a million hashes a bucket has at most one, and what is looked into is few.
 * 34 MB, and 24 bytes a hash.
 */
export class HashIndex {
  readonly #distance: number;
  /** For each band: what two numbers of so many bits may differ by. */
  readonly #masks: readonly Uint32Array[];
  /** For each band: of each bucket the entry that came last, plus 1. */
  readonly #heads = bandBits.map((bits) => new Uint32Array(1 << bits));
  /** Of each entry, band by band, the one before it in the bucket, plus 1. */
  #before = new Uint32Array(bands * 1024);
  /** Of each entry: both halves of its hash, and its position. */
  #entries = new Uint32Array(3 * 1024);
  #size = 0;

  constructor(distance: number) {
    this.#distance = distance;
    const radius = Math.floor(distance / bands);
    this.#masks = bandBits.map((bits) => Uint32Array.from(masks(bits, radius)));
  }

  /** The least position of those that are near; null where none is. */
  find(hash: string): number | null {
    const [high, low] = halves(hash);
    const entries = this.#entries;
    let first = Number.POSITIVE_INFINITY;
    for (let band = 0; band < bands; band += 1) {
      const own = bandOf(high, low, band);
      const heads = this.#heads[band]!;
      for (const mask of this.#masks[band]!) {
        let entry = heads[own ^ mask]!;
        while (entry !== 0) {
          const at = 3 * (entry - 1);
          const distance = ones(entries[at]! ^ high) + ones(entries[at + 1]! ^ low);
          if (distance <= this.#distance && entries[at + 2]! < first) first = entries[at + 2]!;
          entry = this.#before[bands * (entry - 1) + band]!;
        }
      }
    }
    return first === Number.POSITIVE_INFINITY ? null : first;
  }

  add(hash: string, position: number): void {
    const [high, low] = halves(hash);
    if (3 * this.#size === this.#entries.length) {
      this.#entries = doubled(this.#entries);
      this.#before = doubled(this.#before);
    }
    this.#entries.set([high, low, position], 3 * this.#size);
    for (let band = 0; band < bands; band += 1) {
      const heads = this.#heads[band]!;
      const bucket = bandOf(high, low, band);
      this.#before[bands * this.#size + band] = heads[bucket]!;
      heads[bucket] = this.#size + 1;
    }
    this.#size += 1;
  }
}

/** All numbers of so many bits of which at most `ones` are set. */
function* masks(bits: number, ones: number): Generator<number> {
  yield 0;
  if (ones === 0) return;
  for (let top = 0; top < bits; top += 1) {
    for (const rest of masks(top, ones - 1)) yield (1 << top) | rest;
  }
}

function doubled(old: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * old.length);
  grown.set(old);
  return grown;
}

const halves = (hash: string): [high: number, low: number] => [
  Number.parseInt(hash.slice(0, 8), 16) >>> 0,
  Number.parseInt(hash.slice(8, 16), 16) >>> 0,
];

/** The upper 22 bits; the lower 10 of the upper half with the upper 11 of the lower; the lower 21. */
function bandOf(high: number, low: number, band: number): number {
  if (band === 0) return high >>> 10;
  return band === 1 ? ((high & 0x3ff) << 11) | (low >>> 21) : low & 0x1fffff;
}

/** How many of 32 bits are set (Hacker's Delight, 5-1). */
function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
