import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { InterruptedError } from '../core/errors.ts';
import type { VerifiedEvent } from '../core/events.ts';
import type { StoredRow } from '../journal/journal.ts';
import { storedRows } from '../journal/journal-reader.ts';
import { KeySet } from '../plan/key-set.ts';
import { addStoredNames, foreignFiles } from './foreign-files.ts';
import { HashThread } from './hash-thread.ts';
import type { FoundFile } from './hash-worker.ts';

/** On few cores, too, more than one: while one waits for the disk another may hash. */
const threads = Math.min(8, Math.max(2, availableParallelism()));
/** A thread gets so many files at once, or so many bytes. */
const batchFiles = 64;
const batchBytes = 32 * 1024 * 1024;

export type Verified = Omit<VerifiedEvent, 'event'>;

/**
 * Hashes again what the journal of `dir` says is stored there, and calls `tell` for each file, in no order, waiting
 * for its promise; then for those that the journal does not know, with `row` null. Writes nothing. Rejects with a
 * `UsageError` where there is no journal, or a run holds it, with a `DiskError` where it is damaged, and with an
 * `InterruptedError`, soon, when `signal` is aborted.
 */
export async function verifyFiles(
  dir: string,
  signal: AbortSignal | undefined,
  tell: (found: Verified, row: StoredRow | null) => Promise<void> | void,
): Promise<void> {
  const known = new KeySet();
  const batches = batchesOf(storedRows(dir));
  const working = new Set<HashThread>();
  const stop = () => {
    for (const thread of working) void thread.close();
  };
  const work = async () => {
    let thread: HashThread | undefined;
    for (const rows of batches) {
      refuseAborted(signal);
      if (thread === undefined) {
        thread = new HashThread();
        working.add(thread);
      }
      const found = await thread.find(rows.map((row) => path.join(dir, row.path)));
      for (const [at, row] of rows.entries()) {
        refuseAborted(signal);
        addStoredNames(known, row.path);
        await tell(judge(row, found[at]!), row);
      }
    }
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } catch (error) {
    // A thread that was ended for it has an error of its own.
    refuseAborted(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all([...working].map((thread) => thread.close()));
  }
  for (const file of foreignFiles(dir, known)) {
    refuseAborted(signal);
    const bytes = fs.statSync(path.join(dir, file)).size;
    await tell({ state: 'foreign', path: file, bytes, sha256: null, key: null, url: null }, null);
  }
}

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

function judge({ key, url, path: file, sha256 }: StoredRow, found: FoundFile): Verified {
  if (found === null) return { state: 'missing', path: file, bytes: 0, sha256: null, key, url };
  return { state: found.sha256 === sha256 ? 'good' : 'changed', path: file, ...found, key, url };
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError();
}
