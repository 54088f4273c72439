import fs, { createReadStream } from 'node:fs';
import { Socket } from 'node:net';
import { GallopError, ListingError } from '../core/errors.ts';
import type { InputFile } from './input-files.ts';
import type { SourceContext } from './source.ts';

export type InputStream = Pick<InputFile, 'path' | 'name'>;

/** The bytes of an input. A file is opened with the first read. */
export function openStream({ path }: InputStream, context: SourceContext): AsyncIterable<Uint8Array> {
  if (path === '-') return context.stdin;
  return fs.statSync(path, { throwIfNoEntry: false })?.isFIFO()
    ? pipeBytes(path, context)
    : createReadStream(path);
}

/**
 * Of a named pipe. Opening it as a file, and reading it, would wait for its writer in a thread that nothing can wake, and keep
 * the process from ending.
 */
async function* pipeBytes(path: string, context: SourceContext): AsyncGenerator<Uint8Array> {
  const descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  context.onClose(async () => void pipe.destroy());
  yield* pipe;
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
