import { rename, rm, writeFile } from 'node:fs/promises';
import { asDiskError } from '../core/errors.ts';

/** Writes a file that appears whole or not at all, in place of what stood there. Throws a `DiskError`. */
export async function writeWholeText(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw asDiskError(error, file) ?? error;
  }
}
