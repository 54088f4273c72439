import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StoredRow } from './journal.ts';
import { temporaryFileError } from './journal-errors.ts';

/** So much is kept in memory; the rest is in a file that has no name, and is gone with this process. */
const cacheKiB = 8192;

/** What it takes to fetch the file of a row again. */
export type WrongRow = Pick<StoredRow, 'key' | 'url' | 'recipe' | 'made'> & {
  /** Its place in the order in which they were added, from 1. */
  index: number;
};

/**
 * The rows whose files a verification found wrong, for what follows it: a million of them take no more memory than
 * some thousands. Every method throws a `DiskError` where there is no room for them.
 */
export class WrongRows {
  #opened: { database: DatabaseSync; insert: StatementSync; digest: StatementSync } | undefined;
  #count = 0;
  #changed = 0;

  get length(): number {
    return this.#count;
  }

  /** How many of them are changed. */
  get changed(): number {
    return this.#changed;
  }

  add({ key, url, recipe, made, sha256 }: StoredRow, isChanged: boolean): void {
    try {
      this.#opened ??= open();
      this.#opened.insert.run(key, url, recipe, made, sha256, isChanged ? 1 : 0);
    } catch (error) {
      throw temporaryFileError(error);
    }
    this.#count += 1;
    if (isChanged) this.#changed += 1;
  }

  /** What made the files, and how many of them. */
  stages(): { made: string | null; count: number }[] {
    const rows = this.#rows('SELECT made, count(*) AS count FROM wrong GROUP BY made ORDER BY min(place)');
    return [...rows].map(({ made, count }) => ({ made: textOf(made), count: Number(count) }));
  }

  /** Those that `made` made, in the order in which they were added, read as they are asked for. */
  *madeBy(stage: string | null): Generator<WrongRow> {
    const rows = this.#rows('SELECT * FROM wrong WHERE made IS ? ORDER BY place', stage);
    for (const { place, key, url, recipe, made } of rows) {
      const known = { recipe: textOf(recipe), made: textOf(made) };
      yield { index: Number(place), key: String(key), url: String(url), ...known };
    }
  }

  /** The keys of those that are changed. */
  *changedKeys(): Generator<string> {
    for (const { key } of this.#rows('SELECT key FROM wrong WHERE is_changed = 1')) yield String(key);
  }

  /** What the file of the row at `index` should be, as the journal has it. */
  sha256At(index: number): string | undefined {
    try {
      const row = this.#opened?.digest.get(index);
      return row && String(row.sha256);
    } catch (error) {
      throw temporaryFileError(error);
    }
  }

  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  *#rows(sql: string, ...values: (string | null)[]): Generator<Record<string, unknown>> {
    if (this.#opened === undefined) return;
    try {
      yield* this.#opened.database.prepare(sql).iterate(...values);
    } catch (error) {
      throw temporaryFileError(error);
    }
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function open() {
  // No name: a temporary file, which SQLite makes when the cache is full.
  const database = new DatabaseSync('');
  database.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA cache_size = -${cacheKiB};
    CREATE TABLE wrong (place INTEGER PRIMARY KEY, key TEXT, url TEXT, recipe TEXT, made TEXT, sha256 TEXT, is_changed INTEGER);
    BEGIN;
  `);
  const insert = database.prepare(
    'INSERT INTO wrong (key, url, recipe, made, sha256, is_changed) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return { database, insert, digest: database.prepare('SELECT sha256 FROM wrong WHERE place = ?') };
}
