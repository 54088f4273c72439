import { createHash, type Hash, hash } from 'node:crypto';
import type { Expectation } from '../core/item.ts';

export interface Digests {
  sha256: string;
  sha1?: string;
  md5?: string;
}

/**
 * The digests of one body: sha256, and those that its source promised or its run wants. Most small files come in one piece, and
 * hashing that at once costs less than a state that grows.
 */
export class Hashing {
  readonly #names: readonly (keyof Digests)[];
  #only: Buffer | undefined;
  #hashes: Hash[] | undefined;

  /** `wanted` beside what was promised. */
  constructor(promised: Expectation | undefined, wanted: keyof Digests = 'sha256') {
    const others = (['sha1', 'md5'] as const).filter(
      (name) => name === wanted || promised?.[name] !== undefined,
    );
    this.#names = others.length === 0 ? sha256Only : [...sha256Only, ...others];
  }

  /** `piece` is not to be changed afterwards. */
  update(piece: Buffer): void {
    if (this.#hashes === undefined && this.#only === undefined) {
      this.#only = piece;
      return;
    }
    this.#hashes ??= this.#names.map((name) => createHash(name).update(this.#only!));
    this.#only = undefined;
    for (const each of this.#hashes) each.update(piece);
  }

  /** In lower-case hex. Once, after the last piece. */
  digest(): Digests {
    const digests: Digests = { sha256: '' };
    for (const [at, name] of this.#names.entries()) {
      digests[name] = this.#hashes?.[at]?.digest('hex') ?? hash(name, this.#only ?? '');
    }
    return digests;
  }
}

const sha256Only = ['sha256'] as const;
