import type { RunSpec } from '../core/run-spec.ts';
import { DigestTable } from './digest-table.ts';
import { HashIndex } from './hash-index.ts';

/** What tells two pictures apart. */
export interface Likeness {
  /** Of the bytes as they were received, lower-case hex. */
  sha256: string | null;
  /** 16 hex digits; null or left out where the picture has none. */
  phash?: string | null | undefined;
}

/**
 * Which pictures are the same: those with equal bytes, and where `--duplicates` is a number, those whose perceptual
 * hashes differ in so many bits or fewer.
 */
export class DuplicateIndex {
  readonly #digests = new DigestTable();
  readonly #hashes: HashIndex | null;

  constructor(duplicates: 'digest' | number) {
    this.#hashes = duplicates === 'digest' ? null : new HashIndex(duplicates);
  }

  /** Whether `duplicates` asks for one. */
  static for(duplicates: RunSpec['duplicates']): DuplicateIndex | null {
    return duplicates === 'keep' ? null : new DuplicateIndex(duplicates);
  }

  /**
   * The position (a whole number below 2^32) of the first picture that was remembered and is the same as this one; null where there is none,
   * and then this one is remembered under `position`.
   */
  claim({ sha256, phash }: Likeness, position: number): number | null {
    const same = sha256 === null ? null : this.#digests.find(sha256);
    if (same !== null) return same;
    const hash = this.#hashes !== null && phash != null ? phash : null;
    const near = hash === null ? null : this.#hashes!.find(hash);
    if (near !== null) return near;
    if (sha256 !== null) this.#digests.add(sha256, position);
    if (hash !== null) this.#hashes!.add(hash, position);
    return null;
  }
}
