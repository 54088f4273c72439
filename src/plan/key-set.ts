import { createHash } from 'node:crypto';

/**
 * The keys of a run, to find the second of two equal ones: 52 bits of a digest each, so that a million
 * keys of any length take some 40 MB. May, once in ten thousand runs of a million keys, say yes for a
 * key that was not added.
 */
export class KeySet {
  readonly #digests = new Set<number>();

  has(key: string): boolean {
    return this.#digests.has(digest(key));
  }

  add(key: string): void {
    this.#digests.add(digest(key));
  }
}

function digest(key: string): number {
  const bytes = createHash('sha1').update(key).digest();
  return bytes.readUIntBE(0, 6) * 16 + (bytes[6]! >> 4);
}
