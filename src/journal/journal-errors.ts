import path from 'node:path';
import { asDiskError, DiskError, GallopError, InternalError, UsageError } from '../core/errors.ts';

/** A journal that cannot be gone on with; `message` is a clause that follows "the journal FILE is". */
export class DamagedJournal extends Error {}

/** The primary result code; `errcode` is the extended one. See https://www.sqlite.org/rescode.html */
function resultCode(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}

export const isBusy = (error: unknown): boolean => resultCode(error) === 5;

/** SQLITE_CORRUPT, SQLITE_NOTADB. */
export const isDamaged = (error: unknown): boolean => [11, 26].includes(resultCode(error));

/** Damaged, or a database without the journal's tables (SQLITE_ERROR). */
export const isUnusable = (error: unknown): boolean => isDamaged(error) || resultCode(error) === 1;

/** Of a directory whose journal is to be looked into. */
export function noJournal(directory: string): UsageError {
  return new UsageError(`there is no journal in ${directory}: nothing was downloaded into it`, {
    hint: 'name the directory that -d named',
  });
}

/** Why a journal cannot be looked into: `what` follows "the journal FILE". */
export function unreadable(file: string, what: string, cause?: unknown): DiskError {
  const directory = path.dirname(path.dirname(file));
  const hint = `run the download into ${directory} again: it begins a new journal`;
  return new DiskError(`the journal ${file} ${what}`, { code: 'disk', hint, cause });
}

/** The same of an error of SQLite, met while it was read. */
export function readingError(error: unknown, file: string): DiskError {
  if (isUnusable(error)) return unreadable(file, 'is damaged', error);
  return unreadable(file, `cannot be read: ${(error as Error).message}`, error);
}

/** What an error of SQLite means in a database of which nobody knows the file. */
export function temporaryFileError(error: unknown): DiskError {
  const isFull = resultCode(error) === 13;
  const what = isFull ? 'no space left on the disk' : (error as Error).message;
  return new DiskError(`cannot write a temporary file: ${what}`, {
    code: isFull ? 'no-space' : 'disk',
    hint: 'name a directory with room in the variable TMPDIR',
    cause: error,
  });
}

/** What an error of SQLite, or of the files around it, means for the run. */
export function journalError(error: unknown, file: string): GallopError {
  if (error instanceof GallopError) return error;
  const refused = (what: string, code: string, hint: string) =>
    new DiskError(`cannot write ${file}: ${what}`, { code, hint, cause: error });
  // In the middle of a run it is too late to set it aside.
  const damaged = () => refused('it is damaged', 'disk', 'move it away and run the same command again');
  if (error instanceof DamagedJournal) return damaged();
  switch (resultCode(error)) {
    case 8: // SQLITE_READONLY
    case 14: // SQLITE_CANTOPEN
      return refused('it cannot be opened for writing', 'read-only', 'choose another directory with -d');
    case 10: // SQLITE_IOERR
      return refused('the disk reported an error', 'disk', 'choose another directory with -d');
    case 13: // SQLITE_FULL
      return refused('no space left on the disk', 'no-space', 'make room and run the same command again');
    case 11: // SQLITE_CORRUPT: found late, in a page that opening did not read
    case 19: // SQLITE_CONSTRAINT: a row that is of other types than its table
    case 20: // SQLITE_MISMATCH
      return damaged();
  }
  const { message } = error as Error;
  return asDiskError(error, file) ?? new InternalError(`the journal ${file}: ${message}`, { cause: error });
}
