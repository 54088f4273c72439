import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { copyJournal } from './journal-copy.ts';
import { openForReading } from './journal-database.ts';
import { isBusy, noJournal, readingError, unreadable } from './journal-errors.ts';
import { journalFile } from './journal-file.ts';
import { type ReportRow, rowsOf, type SameFiles, sameFilesOf } from './report-rows.ts';
import { schemaVersion, versionOf } from './schema.ts';

/** A journal as it was at one moment. */
export interface JournalView {
  /** Read as they are asked for. */
  rows(): Generator<ReportRow>;
  sameFiles(): Generator<SameFiles>;
  /** Whether a run has the journal now. */
  isHeld: boolean;
}

/**
 * Calls `look` with the journal of a directory, also while a run writes it: then with a copy. Nothing is written into
 * the directory, and no run is kept waiting. `look` is called once more, with another view, where a run began while
 * it looked. Rejects with a `UsageError` where there is no journal, or a run writes it too fast; with a `DiskError`
 * where it is damaged or cannot be read, or there is no room for a copy; and with what `look` rejects with.
 */
export async function lookInto<T>(
  directory: string,
  look: (view: JournalView) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const file = journalFile(directory);
  if (!fs.existsSync(file)) {
    throw noJournal(directory);
  }
  const isWritten = () => fs.existsSync(`${file}-wal`);
  if (!isWritten()) {
    try {
      const seen = await withView(file, () => openForReading(file), false, look);
      if (!isWritten()) return seen;
    } catch (error) {
      // What is at rest is read without a lock; what has come to be written since may be read as nonsense.
      if (!isWritten()) throw error;
    }
  }
  const isHeld = isHeldByRun(file);
  const copy = await copyJournal(file, signal);
  try {
    return await withView(file, () => new DatabaseSync(copy.file), isHeld, look);
  } finally {
    copy.remove();
  }
}

/** Asks for the lock that a run has, without making the file that readers of a log share. */
function isHeldByRun(file: string): boolean {
  const address = pathToFileURL(file);
  address.search = '?readonly_shm=1';
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(address, { readOnly: true, timeout: 0 });
    database.prepare('SELECT 1 FROM items').get();
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    database?.close();
  }
}

async function withView<T>(
  file: string,
  open: () => DatabaseSync,
  isHeld: boolean,
  look: (view: JournalView) => Promise<T>,
): Promise<T> {
  let database: DatabaseSync | undefined;
  try {
    const opened = open();
    database = opened;
    const version = versionOf(opened);
    if (version > schemaVersion) throw unreadable(file, `is of a newer version (${version})`);
    return await look({ rows: () => rowsOf(opened), sameFiles: () => sameFilesOf(opened), isHeld });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error;
    throw readingError(error, file);
  } finally {
    database?.close();
  }
}
