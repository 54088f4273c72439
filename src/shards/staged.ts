import fs from 'node:fs';
import { DiskError } from '../core/errors.ts';

/** A picture that waits to be packed. */
export interface Staged {
  /** Absolute. */
  path: string;
  bytes: number;
}

/** Up to here a file is read at once and at one go, which costs less than by way of the thread pool. */
export const smallBytes = 1024 * 1024;

/** All of it. Throws a `DiskError` where it is not there with its size. */
export async function stagedBytes(staged: Staged): Promise<Buffer> {
  const bytes =
    staged.bytes <= smallBytes
      ? smallBytesOf(staged)
      : await fs.promises.readFile(staged.path).catch(() => null);
  if (bytes === null || bytes.length !== staged.bytes) throw goneError(staged.path);
  return bytes;
}

function smallBytesOf({ path, bytes }: Staged): Buffer | null {
  try {
    // Not read before its size is known: what stands there now may be anything.
    const found = fs.lstatSync(path);
    return found.isFile() && found.size === bytes ? fs.readFileSync(path) : null;
  } catch {
    return null;
  }
}

/** In pieces that are only good until the next is asked for. Throws a `DiskError` where it is not there with its size. */
export async function* stagedPieces(staged: Staged): AsyncGenerator<Buffer> {
  if (staged.bytes <= smallBytes) {
    yield await stagedBytes(staged);
    return;
  }
  let seen = 0;
  try {
    for await (const piece of fs.createReadStream(staged.path, { highWaterMark: smallBytes })) {
      seen += (piece as Buffer).length;
      if (seen > staged.bytes) break;
      yield piece as Buffer;
    }
  } catch (error) {
    throw goneError(staged.path, error);
  }
  if (seen !== staged.bytes) throw goneError(staged.path);
}

const goneError = (file: string, cause?: unknown) =>
  new DiskError(`${file} is not there any more, or not as it was downloaded`, {
    code: 'disk',
    hint: 'run the same command again: it is fetched anew',
    cause,
  });
