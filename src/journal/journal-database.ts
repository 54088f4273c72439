import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { asDiskError, DiskError, UsageError } from '../core/errors.ts';
import { DamagedJournal, isBusy, isUnusable } from './journal-errors.ts';

/** Raised when the tables change; a journal of a later version is not touched. */
export const schemaVersion = 2;

const schema = `
  CREATE TABLE IF NOT EXISTS items (
    key TEXT PRIMARY KEY,
    collision TEXT NOT NULL UNIQUE,
    target TEXT NOT NULL,
    claimed_ms INTEGER NOT NULL,
    url TEXT,
    status TEXT NOT NULL DEFAULT 'claimed',
    path TEXT, bytes INTEGER, sha256 TEXT, mime TEXT, width INTEGER, height INTEGER,
    error TEXT,
    recipe TEXT
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

/** What makes the tables of a version into those of the next. What a column lacks, the next run fills in. */
const migrations: Record<number, string> = {
  1: 'ALTER TABLE items ADD COLUMN recipe TEXT;',
};

/**
 * Of two runs that start in the same moment each may stand in the other's way; the one that waits this
 * long gets the lock when the other has given up.
 */
const lockMs = 250;

export const journalFile = (directory: string): string => path.join(directory, '.gallop', 'journal.db');
const holderFile = (file: string): string => path.join(path.dirname(file), 'holder.json');

/** Makes the journal's directory. Throws a `DiskError` where it cannot be made or written. */
export function makeJournalFolder(directory: string): void {
  const folder = path.dirname(journalFile(directory));
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw asDiskError(error, directory) ?? error;
    throw new DiskError(`cannot write ${directory}: a file stands where the directory should be`, {
      code: 'read-only',
      hint: 'choose another directory with -d',
      cause: error,
    });
  }
}

/**
 * Opens the database for this process alone. Throws a `UsageError` that names the holder when another
 * has it, a `DamagedJournal` when it cannot be gone on with, else an error of SQLite.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: lockMs });
  try {
    // The exclusive lock is taken by the first write and kept until the database is closed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (version > schemaVersion) throw new DamagedJournal(`of a newer version (${version})`);
    if (version < schemaVersion) database.exec(`BEGIN; ${migrations[version] ?? ''} ${schema} COMMIT;`);
    const holder = { pid: process.pid, since: new Date().toISOString() };
    fs.writeFileSync(holderFile(file), JSON.stringify(holder));
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) throw inUse(file);
    if (isUnusable(error)) throw new DamagedJournal('damaged', { cause: error });
    throw error;
  }
}

/** Gives the lock back. */
export function closeDatabase(database: DatabaseSync, file: string): void {
  // Before the lock is free: afterwards it may be another's.
  fs.rmSync(holderFile(file), { force: true });
  database.close();
}

/** The database to look into and nothing else; nothing is written, not even beside it. */
export function openForReading(file: string): DatabaseSync {
  const address = pathToFileURL(file);
  // Without a log of writes there is nothing to recover and nobody at work, so no lock file is needed either.
  if (!fs.existsSync(`${file}-wal`)) address.search = '?immutable=1';
  return new DatabaseSync(address, { readOnly: true, timeout: 0 });
}

/** Moves a journal that cannot be gone on with out of the way, its log with it. Returns its new name. */
export function setAside(file: string): string {
  const aside = `${file}.${new Date().toISOString().replace(/[:.]/g, '-')}.bad`;
  for (const ending of ['', '-wal', '-shm']) {
    if (fs.existsSync(file + ending)) fs.renameSync(file + ending, aside + ending);
  }
  return aside;
}

/** Says who holds the journal. */
export function inUse(file: string): UsageError {
  let who = 'another run';
  try {
    const { pid, since } = JSON.parse(fs.readFileSync(holderFile(file), 'utf8'));
    const began = new Date(since).toISOString();
    if (Number.isSafeInteger(pid)) who = `another run (process ${pid}, since ${began})`;
  } catch {
    // Its holder is just starting, or it is no run that holds it, or no run that wrote this.
  }
  return new UsageError(`${path.dirname(path.dirname(file))} is in use by ${who}`, {
    code: 'directory-in-use',
    hint: 'wait for it, or choose another directory with -d',
  });
}
