import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** What stands under a path now: a file and its digest, nothing, something that is no file, or what is not for us to read. */
export type FoundFile = { sha256: string | null; bytes: number } | null | 'denied';

/**
 * The entry of a thread that hashes. Synchronous: for small files opening costs more than hashing, and waiting more
 * than both.
 */

const buffer = Buffer.allocUnsafe(1024 * 1024);

function digest(file: string): FoundFile {
  let descriptor: number | undefined;
  let bytes = 0;
  try {
    // What is no file, a pipe for instance, might never give a byte; and a link is not what was stored.
    if (!fs.lstatSync(file).isFile()) return { sha256: null, bytes };
    descriptor = fs.openSync(file, 'r');
    const hash = createHash('sha256');
    for (let length = -1; length !== 0; bytes += length) {
      length = fs.readSync(descriptor, buffer);
      hash.update(buffer.subarray(0, length));
    }
    return { sha256: hash.digest('hex'), bytes };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return 'denied';
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : { sha256: null, bytes };
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

parentPort!.on('message', (files: string[]) => parentPort!.postMessage(files.map(digest)));
