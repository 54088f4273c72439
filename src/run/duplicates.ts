import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from '../core/outcome.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { Journal } from '../journal/journal.ts';
import type { LikenessRow } from '../journal/shard-rows.ts';
import { isThere } from '../plan/plan.ts';
import type { DuplicateIndex } from '../shards/duplicate-index.ts';

/** Keeps one of the pictures that are the same, the first that was there; also across the runs into a directory. */
export class Duplicates {
  readonly #index: DuplicateIndex;
  readonly #dir: string;
  /** What was remembered of each, by the position that the index knows it by. */
  readonly #kept: Pick<LikenessRow, 'key' | 'path'>[] = [];

  constructor(index: DuplicateIndex, dir: string, journal: Journal) {
    this.#index = index;
    this.#dir = dir;
    for (const row of journal.likenesses()) this.#claim(row);
  }

  /** What a picture that was just stored comes to: skipped, and its file removed, where there is the same. */
  judge(outcome: Outcome): Outcome {
    const { status, key, path: file } = outcome;
    if (status !== 'saved' || file === null) return outcome;
    const { original, phash } = outcome.picture ?? {};
    const sha256 = original?.sha256 ?? outcome.sha256;
    const found = this.#claim({ key, path: file, sha256, phash: phash ?? null });
    if (found === null || found.key === key) return outcome;
    // Names that are made of the bytes are the same where these are: then there is one file.
    if (found.path !== file) {
      for (const name of [file, `${file}.json`]) rmSync(path.join(this.#dir, name), { force: true });
    }
    const message = `the same as ${found.key}`;
    const skip = { code: 'duplicate', message, duplicateOf: found.key } as const;
    return { ...outcome, status: 'skipped', path: null, bytes: 0, sha256: null, skip };
  }

  /** The one that is the same; null where there is none, or its file is gone, and this one is remembered. */
  #claim({ key, path: file, ...likeness }: LikenessRow): Pick<LikenessRow, 'key' | 'path'> | null {
    const position = this.#index.claim(likeness, this.#kept.length) ?? this.#kept.length;
    const found = this.#kept[position];
    if (found !== undefined && this.#isThere(found.path)) return found;
    this.#kept[position] = { key, path: file };
    return null;
  }

  #isThere(file: string | null): boolean {
    return file !== null && existsSync(path.join(this.#dir, file));
  }
}

/** Null where all are kept; of a data set, its shards see to it. */
export async function openDuplicates(
  { duplicates, output, dir }: RunSpec,
  journal: Journal,
): Promise<Duplicates | null> {
  if (duplicates === 'keep' || output !== null) return null;
  // It may be fetched again in this run, and this one left out again; or be gone for good.
  journal.reopenDuplicates((file) => isThere(dir, file));
  const { DuplicateIndex } = await import('../shards/duplicate-index.ts');
  return new Duplicates(new DuplicateIndex(duplicates), dir, journal);
}
