import fs from 'node:fs';
import path from 'node:path';
import { DiskError, InterruptedError } from '../core/errors.ts';
import type { VerifiedEvent } from '../core/events.ts';
import type { StoredRow } from '../journal/journal.ts';
import { storedRows } from '../journal/journal-reader.ts';
import { KeySet } from '../plan/key-set.ts';
import { addStoredNames, foreignFiles } from './foreign-files.ts';
import { HashTeam } from './hash-team.ts';
import type { FoundFile } from './hash-worker.ts';

/** A thread gets so many files together, or so many bytes. */
const batchFiles = 64;
const batchBytes = 32 * 1024 * 1024;

export type Verified = Omit<VerifiedEvent, 'event'>;

/**
 * Hashes again what the journal of `dir` says is stored there, and calls `tell` for each file, in no order, waiting
 * for its promise; then for those that the journal does not know, with `row` null. Writes nothing. Rejects with a
 * `UsageError` where there is no journal, or a run holds it, with a `DiskError` where it is damaged or a file may not be
 * read, and with an `InterruptedError`, soon, when `signal` is aborted.
 */
export async function verifyFiles(
  dir: string,
  signal: AbortSignal | undefined,
  tell: (found: Verified, row: StoredRow | null) => Promise<void> | void,
): Promise<void> {
  const known = new KeySet();
  const team = new HashTeam();
  const stop = () => void team.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    refuseAborted(signal);
    await team.hash(batchesOf(storedRows(dir)), pathsIn(dir), async (rows, found) => {
      for (const [at, row] of rows.entries()) {
        refuseAborted(signal);
        addStoredNames(known, row);
        const file = found[at]!;
        if (file === 'denied') throw unreadable(path.join(dir, row.path));
        await tell(judge(row, file), row);
      }
    });
  } catch (error) {
    // Threads that were ended for it have an error of their own.
    refuseAborted(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await team.close();
  }
  for (const file of readable(foreignFiles(dir, known))) {
    refuseAborted(signal);
    const bytes = fs.statSync(path.join(dir, file), { throwIfNoEntry: false })?.size ?? 0;
    await tell({ state: 'foreign', path: file, bytes, sha256: null, key: null, url: null }, null);
  }
}

function* readable(files: Iterable<string>): Generator<string> {
  try {
    yield* files;
  } catch (error) {
    const { code, path: file = '' } = error as NodeJS.ErrnoException;
    throw code === 'EACCES' || code === 'EPERM' ? unreadable(file, error) : error;
  }
}

const pathsIn = (dir: string) => (rows: StoredRow[]) => rows.map((row) => path.join(dir, row.path));

function* batchesOf(rows: Iterable<StoredRow>): Generator<StoredRow[]> {
  let batch: StoredRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    batch.push(row);
    bytes += row.bytes;
    if (batch.length < batchFiles && bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function judge({ key, url, path: file, sha256 }: StoredRow, found: Exclude<FoundFile, 'denied'>): Verified {
  if (found === null) return { state: 'missing', path: file, bytes: 0, sha256: null, key, url };
  return { state: found.sha256 === sha256 ? 'good' : 'changed', path: file, ...found, key, url };
}

/** Nothing can be said of it, neither good nor bad. */
function unreadable(file: string, cause?: unknown): DiskError {
  return new DiskError(`cannot read ${file}: no permission`, {
    code: 'disk',
    hint: 'verify as the user that it belongs to',
    cause,
  });
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError();
}
