import type { DatabaseSync } from 'node:sqlite';

/**
 * What makes the tables of a version into those of the next: the first, those of version 1. What a column lacks, the
 * next run fills in. Whoever changes `tables` adds one here.
 */
const migrations: readonly string[] = [
  'ALTER TABLE items ADD COLUMN recipe TEXT;',
  'ALTER TABLE items ADD COLUMN ended_ms INTEGER; ALTER TABLE items ADD COLUMN facts TEXT; ALTER TABLE items ADD COLUMN made TEXT;',
];

/** A journal of a later version is not touched. */
export const schemaVersion = 1 + migrations.length;

const tables = `
  CREATE TABLE IF NOT EXISTS items (
    key TEXT PRIMARY KEY,
    collision TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    claimed_ms INTEGER NOT NULL,
    url TEXT,
    status TEXT NOT NULL DEFAULT 'claimed',
    path TEXT, bytes INTEGER, sha256 TEXT, mime TEXT, width INTEGER, height INTEGER,
    error TEXT,
    recipe TEXT,
    ended_ms INTEGER, facts TEXT, made TEXT
  ) STRICT, WITHOUT ROWID;
`;

/** 0 of a database that is new. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}

/** Makes the tables of a new database, or brings those of an older version up to this one: all of it, or nothing. */
export function bringUp(database: DatabaseSync): void {
  migrate(database, migrations, tables);
}

/** `bringUp` with any number of steps. */
export function migrate(database: DatabaseSync, steps: readonly string[], newest: string): void {
  const from = versionOf(database);
  const version = 1 + steps.length;
  if (from >= version) return;
  // No run wrote a version below 1: there is nothing to be changed step by step.
  const missing = from < 1 ? [] : steps.slice(from - 1);
  database.exec('BEGIN');
  try {
    for (const step of [...missing, newest, `PRAGMA user_version = ${version}`]) database.exec(step);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
