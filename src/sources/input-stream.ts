import { createReadStream } from 'node:fs';
import { GallopError, ListingError } from '../core/errors.ts';
import type { InputFile } from './input-files.ts';
import type { SourceContext } from './source.ts';

export type InputStream = Pick<InputFile, 'path' | 'name'>;

/** The bytes of an input. A file is opened with the first read. */
export function openStream({ path }: InputStream, context: SourceContext): AsyncIterable<Uint8Array> {
  return path === '-' ? context.stdin : createReadStream(path);
}

/** What ended the reading of a file, as an error that ends the run. */
export function badFile(error: unknown, name: string, where: string): GallopError {
  if (error instanceof GallopError) return error;
  return new ListingError(`${name} cannot be read ${where}: ${(error as Error).message}`, {
    code: 'bad-file',
    hint: 'the file may be cut off or damaged',
    cause: error,
  });
}

/** Throws a ListingError where the first line of a text has bytes that no text has. */
export function checkText(firstLine: string, name: string, what: string, hint: string): void {
  if (!firstLine.includes('\0')) return;
  throw new ListingError(`${name} is not ${what}: it holds bytes that are no text`, {
    code: 'bad-file',
    hint,
  });
}
