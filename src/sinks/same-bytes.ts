import { createHash } from 'node:crypto';
import fs from 'node:fs';

/** What is compared at once. */
const pieceBytes = 1024 * 1024;

/** Whether the first `bytes` of an open file are the ones that `read` gives. Neither is held in memory as a whole. */
export async function hasSameBytes(
  descriptor: number,
  bytes: number,
  read: (offset: number, length: number) => Buffer | Promise<Buffer>,
): Promise<boolean> {
  const [ours, theirs] = [createHash('sha256'), createHash('sha256')];
  for (let at = 0; at < bytes; at += pieceBytes) {
    const buffer = Buffer.alloc(Math.min(pieceBytes, bytes - at));
    theirs.update(buffer.subarray(0, fs.readSync(descriptor, buffer, 0, buffer.length, at)));
    ours.update(await read(at, pieceBytes));
  }
  return ours.digest('hex') === theirs.digest('hex');
}
