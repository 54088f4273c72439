import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from '../core/outcome.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { Journal } from '../journal/journal.ts';
import type { LikenessRow } from '../journal/shard-rows.ts';
import type { DuplicateIndex } from '../shards/duplicate-index.ts';

/** Keeps one of the pictures that are the same, the first that was there; also across the runs into a directory. */
export class Duplicates {
  readonly #index: DuplicateIndex;
  readonly #dir: string;
  /** By the position that the index knows them by. */
  readonly #keys: string[] = [];
  /** Of those that an earlier run stored, by the same position: they may be gone. */
  readonly #paths = new Map<number, string | null>();

  constructor(index: DuplicateIndex, dir: string, journal: Journal) {
    this.#index = index;
    this.#dir = dir;
    for (const row of journal.likenesses()) this.#claim(row, row.path);
  }

  /** What a picture that was just stored comes to: skipped, and its file removed, where there is the same. */
  judge(outcome: Outcome): Outcome {
    if (outcome.status !== 'saved' || outcome.path === null) return outcome;
    const { original, phash } = outcome.picture ?? {};
    const found = this.#claim({
      key: outcome.key,
      sha256: original?.sha256 ?? outcome.sha256,
      phash: phash ?? null,
    });
    if (found === null || found === outcome.key) return outcome;
    rmSync(path.join(this.#dir, outcome.path), { force: true });
    rmSync(path.join(this.#dir, `${outcome.path}.json`), { force: true });
    const skip = { code: 'duplicate', message: `the same as ${found}`, duplicateOf: found } as const;
    return { ...outcome, status: 'skipped', path: null, bytes: 0, sha256: null, skip };
  }

  /**
   * The key of the one that is the same; null where there is none, or it is gone, and this one is remembered. `stored`: the
   * path of its file, where an earlier run stored it.
   */
  #claim({ key, ...likeness }: Omit<LikenessRow, 'path'>, stored?: string | null): string | null {
    const found = this.#index.claim(likeness, this.#keys.length);
    if (found !== null && this.#isThere(found)) return this.#keys[found]!;
    const position = found ?? this.#keys.length;
    this.#keys[position] = key;
    if (stored === undefined) this.#paths.delete(position);
    else this.#paths.set(position, stored);
    return null;
  }

  /** What this run stored is. */
  #isThere(position: number): boolean {
    const stored = this.#paths.get(position);
    return stored === undefined || (stored !== null && existsSync(path.join(this.#dir, stored)));
  }
}

/** Null where all are kept; of a data set, its shards see to it. */
export async function openDuplicates(
  { duplicates, output, dir }: RunSpec,
  journal: Journal,
): Promise<Duplicates | null> {
  if (duplicates === 'keep' || output !== null) return null;
  const { DuplicateIndex } = await import('../shards/duplicate-index.ts');
  return new Duplicates(new DuplicateIndex(duplicates), dir, journal);
}
