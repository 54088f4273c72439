import fs from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { GallopError } from '../core/errors.ts';
import { leftOutRows } from './duplicate-rows.ts';
import type { StoredRow } from './journal.ts';
import { inUse, openForReading } from './journal-database.ts';
import { isBusy, noJournal, readingError, unreadable } from './journal-errors.ts';
import { journalFile } from './journal-file.ts';
import { schemaVersion, versionOf } from './schema.ts';
import { fileOf } from './stored-file.ts';

/**
 * The journal of a directory, to look into and nothing else. Empty where there is none, or where a run
 * that is under way holds it.
 */
export function readJournal(directory: string): { has(key: string): boolean; close(): void } {
  const file = journalFile(directory);
  if (!fs.existsSync(file)) return { has: () => false, close() {} };
  let database: DatabaseSync | undefined;
  try {
    database = openForReading(file);
    const find = database.prepare("SELECT 1 FROM items WHERE key = ? AND status IN ('saved', 'packed')");
    const opened = database;
    const has = (key: string) => {
      try {
        return find.get(key) !== undefined;
      } catch {
        // A run has begun in the meantime.
        return false;
      }
    };
    return { has, close: () => opened.close() };
  } catch {
    database?.close();
    return { has: () => false, close() {} };
  }
}

/**
 * How many items were left out as the same as a picture that could not be fetched again since. Throws a `DiskError` where the
 * journal cannot be read.
 */
export function countOrphanedDuplicates(directory: string): number {
  const file = journalFile(directory);
  let database: DatabaseSync | undefined;
  try {
    database = openForReading(file);
    let count = 0;
    for (const { kept } of leftOutRows(database)) if (kept === null) count += 1;
    return count;
  } catch (error) {
    throw readingError(error, file);
  } finally {
    database?.close();
  }
}

/**
 * Every file that the journal of a directory says was stored, also where it could not be fetched again later,
 * in no order, read as they are asked for; nothing is written. Throws, when it is first asked, a `UsageError`
 * where there is no journal or a run holds it; a `DiskError`, then or later, where it is damaged or cannot be read.
 */
export function* storedRows(directory: string): Generator<StoredRow> {
  const file = journalFile(directory);
  if (!fs.existsSync(file)) {
    throw noJournal(directory);
  }
  let database: DatabaseSync | undefined;
  try {
    const isAtRest = !fs.existsSync(`${file}-wal`);
    database = openForReading(file);
    const version = versionOf(database);
    if (version > schemaVersion) throw unreadable(file, `is of a newer version (${version})`);
    const rows = database.prepare(
      // What could not be fetched again has its digest still. The files of shards are among them.
      "SELECT * FROM items WHERE status IN ('saved', 'changed') OR sha256 IS NOT NULL",
    );
    // What no run wrote may be any number, and one that is too large for JavaScript would throw.
    rows.setReadBigInts(true);
    for (const row of rows.iterate()) {
      const stored = fileOf(row);
      if (stored === null) throw unreadable(file, 'is damaged');
      // Version 1 has no recipes.
      const recipe = typeof row.recipe === 'string' ? row.recipe : null;
      const made = typeof row.made === 'string' ? row.made : null;
      yield { ...stored, key: String(row.key), url: String(row.url), recipe, made };
    }
    // What is at rest is read without a lock: a run may have begun in the meantime.
    if (isAtRest && fs.existsSync(`${file}-wal`)) throw inUse(file);
  } catch (error) {
    if (error instanceof GallopError) throw error;
    if (isBusy(error)) throw inUse(file);
    throw readingError(error, file);
  } finally {
    database?.close();
  }
}
