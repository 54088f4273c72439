import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import { DiskError, isScarce } from '../core/errors.ts';
import type { PartFile } from './part-file.ts';

/** A picture that waits to be packed. */
export interface Staged {
  /** Absolute. */
  path: string;
  bytes: number;
  /** Of the file, lower-case hex. */
  sha256: string;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
// What stands there now may be anything: a link is not what was stored, and a pipe might never give a byte. Windows has neither flag.
const openFlags = O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);

const piece = Buffer.allocUnsafe(256 * 1024);

/** All of it. Throws a `DiskError` where it is not there as it was stored. */
export function stagedBytes(staged: Staged): Buffer {
  return reading(staged, (descriptor) => {
    const bytes = Buffer.allocUnsafeSlow(staged.bytes);
    let at = 0;
    for (let read = -1; at < bytes.length && read !== 0; at += read)
      read = fs.readSync(descriptor, bytes, at, bytes.length - at, at);
    if (at < bytes.length || hash('sha256', bytes) !== staged.sha256) throw goneError(staged.path);
    return bytes;
  });
}

/**
 * Puts all of it into `part`. Throws a `DiskError` where it is not there as it was stored, which may be known when most of it is
 * in `part` already; or where the disk refuses.
 */
export function appendStaged(part: PartFile, staged: Staged): void {
  reading(staged, (descriptor) => {
    const digest = createHash('sha256');
    const read = part.appendFrom(descriptor, 0, staged.bytes, digest);
    if (read < staged.bytes || digest.digest('hex') !== staged.sha256) throw goneError(staged.path);
  });
}

/** Whether it is there as it was stored. Throws where the machine has no open file to give. */
export function isStaged(staged: Staged): boolean {
  try {
    return reading(staged, (descriptor) => {
      const digest = createHash('sha256');
      for (let read = -1; read !== 0; ) {
        read = fs.readSync(descriptor, piece);
        digest.update(piece.subarray(0, read));
      }
      return digest.digest('hex') === staged.sha256;
    });
  } catch (error) {
    if (isScarce(error)) throw error;
    return false;
  }
}

function reading<T>({ path, bytes }: Staged, read: (descriptor: number) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, openFlags);
    const found = fs.fstatSync(descriptor);
    if (!found.isFile() || found.size !== bytes) throw goneError(path);
    return read(descriptor);
  } catch (error) {
    throw error instanceof DiskError || isScarce(error) ? error : goneError(path, error);
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

const goneError = (file: string, cause?: unknown) =>
  new DiskError(`${file} is not there any more, or not as it was downloaded`, {
    code: 'disk',
    hint: 'run the same command again: it is fetched anew',
    cause,
  });
