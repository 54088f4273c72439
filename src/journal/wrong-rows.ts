import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StoredRow } from './journal.ts';
import { temporaryFileError } from './journal-errors.ts';

/** So much is kept in memory; the rest is in a file that has no name, and is gone with this process. */
const cacheKiB = 8192;

/** What it takes to fetch the file of a row again. */
export type WrongRow = Pick<StoredRow, 'key' | 'url' | 'recipe'> & {
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

  add({ key, url, recipe, sha256 }: StoredRow, isChanged: boolean): void {
    try {
      this.#opened ??= open();
      this.#opened.insert.run(key, url, recipe, sha256, isChanged ? 1 : 0);
    } catch (error) {
      throw temporaryFileError(error);
    }
    this.#count += 1;
    if (isChanged) this.#changed += 1;
  }

  /** In the order in which they were added, read as they are asked for. */
  *[Symbol.iterator](): Generator<WrongRow> {
    for (const { place, key, url, recipe } of this.#rows('SELECT * FROM wrong ORDER BY place')) {
      const known = typeof recipe === 'string' ? recipe : null;
      yield { index: Number(place), key: String(key), url: String(url), recipe: known };
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

  *#rows(sql: string): Generator<Record<string, unknown>> {
    if (this.#opened === undefined) return;
    try {
      yield* this.#opened.database.prepare(sql).iterate();
    } catch (error) {
      throw temporaryFileError(error);
    }
  }
}

function open() {
  // No name: a temporary file, which SQLite makes when the cache is full.
  const database = new DatabaseSync('');
  database.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA cache_size = -${cacheKiB};
    CREATE TABLE wrong (place INTEGER PRIMARY KEY, key TEXT, url TEXT, recipe TEXT, sha256 TEXT, is_changed INTEGER);
    BEGIN;
  `);
  const insert = database.prepare(
    'INSERT INTO wrong (key, url, recipe, sha256, is_changed) VALUES (?, ?, ?, ?, ?)',
  );
  return { database, insert, digest: database.prepare('SELECT sha256 FROM wrong WHERE place = ?') };
}
