import fs from 'node:fs';
import { DiskError } from '../core/errors.ts';
import type { PartFile } from './part-file.ts';

/** A picture that waits to be packed. */
export interface Staged {
  /** Absolute. */
  path: string;
  bytes: number;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
// What stands there now may be anything: a link is not what was stored, and a pipe might never give a byte. Windows has neither flag.
const openFlags = O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);

/** All of it. Throws a `DiskError` where it is not there with its size. */
export function stagedBytes(staged: Staged): Buffer {
  return reading(staged, (descriptor) => {
    const bytes = Buffer.allocUnsafeSlow(staged.bytes);
    let at = 0;
    for (let read = -1; at < bytes.length && read !== 0; at += read)
      read = fs.readSync(descriptor, bytes, at, bytes.length - at, at);
    if (at < bytes.length) throw goneError(staged.path);
    return bytes;
  });
}

/** Puts all of it into `part`. Throws a `DiskError` where it is not there with its size, or where the disk refuses. */
export function appendStaged(part: PartFile, staged: Staged): void {
  reading(staged, (descriptor) => {
    if (part.appendFrom(descriptor, 0, staged.bytes) < staged.bytes) throw goneError(staged.path);
  });
}

function reading<T>({ path, bytes }: Staged, read: (descriptor: number) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, openFlags);
    const found = fs.fstatSync(descriptor);
    if (!found.isFile() || found.size !== bytes) throw goneError(path);
    return read(descriptor);
  } catch (error) {
    throw error instanceof DiskError ? error : goneError(path, error);
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
