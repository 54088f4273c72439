import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { InterruptedError } from '../core/errors.ts';
import type { VerifiedEvent, VerifyEndEvent, VerifyEvent } from '../core/events.ts';
import type { StoredRow } from '../journal/journal.ts';
import { storedRows } from '../journal/journal-reader.ts';
import { markChanged } from '../journal/mark-changed.ts';
import { KeySet } from '../plan/key-set.ts';
import type { EventQueue } from './event-queue.ts';
import { addStoredNames, foreignFiles } from './foreign-files.ts';

/** Files that are read at once: enough to keep a disk's queue filled, on any number of cores. */
const parallel = 8;

export interface VerifyContext {
  signal?: AbortSignal;
}

/**
 * Hashes what is stored under `dir` again and compares it with the journal. What is changed is marked
 * there, where it can be written, so that the next run fetches it again as it does what is missing. Events, in no
 * order, go to `queue`; `exitCode` is 3 where something is missing or changed. Rejects with a `UsageError`
 * where there is no journal, or a run holds it, and with a `DiskError` where it is damaged.
 */
export async function performVerify(
  dir: string,
  context: VerifyContext,
  queue: EventQueue<VerifyEvent>,
): Promise<VerifyEndEvent> {
  const startedAt = performance.now();
  const counts = { good: 0, missing: 0, changed: 0, foreign: 0, bytes: 0 };
  const tell = async (event: Omit<VerifiedEvent, 'event'>) => {
    if (context.signal?.aborted) throw new InterruptedError();
    counts[event.state] += 1;
    counts.bytes += event.bytes;
    await queue.push({ event: 'verified', ...event });
  };
  const known = new KeySet();
  const changed: string[] = [];
  const rows = storedRows(dir);
  const worker = async () => {
    for (const row of rows) {
      addStoredNames(known, row.path);
      const found = await examine(dir, row);
      if (found.state === 'changed') changed.push(row.key);
      await tell(found);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  if (changed.length > 0) markChanged(dir, changed);
  for (const file of foreignFiles(dir, known)) {
    const bytes = fs.statSync(path.join(dir, file)).size;
    await tell({ state: 'foreign', path: file, bytes, sha256: null, key: null, url: null });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const exitCode = counts.missing + counts.changed > 0 ? 3 : 0;
  const end: VerifyEndEvent = { event: 'end', ...counts, seconds, exitCode };
  await queue.push(end);
  return end;
}

async function examine(dir: string, row: StoredRow): Promise<Omit<VerifiedEvent, 'event'>> {
  const { key, url, path: file } = row;
  let sha256: string | null = null;
  let bytes = 0;
  try {
    const hash = createHash('sha256');
    for await (const chunk of fs.createReadStream(path.join(dir, file), { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    sha256 = hash.digest('hex');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { state: 'missing', path: file, bytes: 0, sha256: null, key, url };
    }
    // What cannot be read is not what was stored.
  }
  return { state: sha256 === row.sha256 ? 'good' : 'changed', path: file, bytes, sha256, key, url };
}
