import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { asDiskError, DiskError, UsageError } from '../core/errors.ts';
import { DamagedJournal, isBusy, isUnusable } from './journal-errors.ts';
import { journalFile } from './journal-file.ts';
import { bringUp, schemaVersion, versionOf } from './schema.ts';

/**
 * Of two runs that start in the same moment each may stand in the other's way; the one that waits this
 * long gets the lock when the other has given up.
 */
const lockMs = 250;

/**
 * So many are in the log of writes before it begins anew: 16 MB. Whoever copies the journal meanwhile has to see all of
 * what came in between (docs/decisions/0019).
 */
const logPages = 4000;

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
    database.exec(`PRAGMA wal_autocheckpoint = ${logPages}`);
    const version = versionOf(database);
    if (version > schemaVersion) throw new DamagedJournal(`of a newer version (${version})`);
    // Damage that showed only in mid-run would end it: a page is read in a microsecond.
    const { quick_check: finding } = database.prepare('PRAGMA quick_check(1)').get()!;
    if (finding !== 'ok') throw new DamagedJournal('damaged');
    bringUp(database);
    const holder = { pid: process.pid, since: new Date().toISOString() };
    // Whatever stands there now, a pipe for instance, is not written into.
    fs.rmSync(holderFile(file), { recursive: true, force: true });
    fs.writeFileSync(holderFile(file), JSON.stringify(holder), { flag: 'wx' });
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

function readHolder(file: string): string {
  const stats = fs.lstatSync(holderFile(file));
  return stats.isFile() && stats.size < 1000 ? fs.readFileSync(holderFile(file), 'utf8') : '';
}

/** Says who holds the journal. */
export function inUse(file: string): UsageError {
  let who = 'another run';
  try {
    const { pid, since } = JSON.parse(readHolder(file));
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
