import fs from 'node:fs';
import { promisify } from 'node:util';

const writev = promisify(fs.writev);

/** Writes all chunks to a file, from `position` on. */
export async function writeFully(descriptor: number, chunks: Buffer[], position: number): Promise<void> {
  let at = position;
  let rest = chunks;
  while (rest.length > 0) {
    // A disk that is nearly full, or a signal, may cut a write short without an error.
    let { bytesWritten } = await writev(descriptor, rest, at);
    at += bytesWritten;
    let whole = 0;
    while (whole < rest.length && bytesWritten >= rest[whole]!.length) bytesWritten -= rest[whole++]!.length;
    rest = rest.slice(whole);
    if (rest.length > 0) rest[0] = rest[0]!.subarray(bytesWritten);
  }
}
