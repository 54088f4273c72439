import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DiskError, InterruptedError, UsageError } from '../core/errors.ts';
import { workerEnvironment } from '../core/worker-environment.ts';

const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const entry = fileURLToPath(new URL(`./copy-process${ending}`, import.meta.url));

export interface JournalCopy {
  file: string;
  remove(): void;
}

/**
 * A copy of a journal that a run may be writing, as it was at one moment, in a temporary directory. Throws a
 * `UsageError` where its writer is too fast to be copied, a `DiskError` where there is no room for the copy or the
 * journal cannot be read, an `InterruptedError` once `signal` is aborted.
 */
export async function copyJournal(file: string, signal?: AbortSignal): Promise<JournalCopy> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gallop-journal-'));
  const remove = () => fs.rmSync(folder, { recursive: true, force: true });
  const copy = path.join(folder, 'journal.db');
  try {
    await promisify(execFile)(process.execPath, [entry, file, copy], {
      env: workerEnvironment(process.env),
      ...(signal === undefined ? {} : { signal }),
    });
    return { file: copy, remove };
  } catch (error) {
    remove();
    if (signal?.aborted) throw new InterruptedError();
    throw copyError(error as CopyFailure, file);
  }
}

type CopyFailure = Error & { code?: number | string; stderr?: string };

function copyError(error: CopyFailure, file: string): UsageError | DiskError {
  if (error.code === 3) {
    return new UsageError(`a run writes ${file} faster than it can be copied`, {
      code: 'directory-in-use',
      hint: 'try again later',
    });
  }
  const { code, message } = failureOf(error);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new DiskError(
    `cannot copy the journal ${file}: ${isFull ? 'no space left for the copy' : message}`,
    {
      code: isFull ? 'no-space' : 'disk',
      hint: 'name a directory with room in the variable TMPDIR, or wait for the end of the run',
      cause: error,
    },
  );
}

function failureOf({ stderr, message }: CopyFailure): { code?: string; message: string } {
  try {
    return JSON.parse(stderr ?? '');
  } catch {
    return { message };
  }
}
