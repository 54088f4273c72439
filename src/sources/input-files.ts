import type { Stats } from 'node:fs';
import { access, constants, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { formatOfName, type InputFormat, knownEndings } from '../core/input-format.ts';
import { shortUrl } from '../core/printable-url.ts';
import type { RunSpec } from '../core/run-spec.ts';

/** A list or a table that is there to be read. */
export interface InputFile {
  /** `-` for standard input. */
  path: string;
  /** As it is called in messages. */
  name: string;
  format: InputFormat;
  /** It can be opened again, and read at any place: it is no pipe. */
  isRegular: boolean;
}

/**
 * The files of `-i` in their order. Of a folder those with a known ending, sorted by name; what is in folders below
 * it, or hidden, is not meant. Throws a UsageError where one is not there to be read.
 */
export async function inputFiles({ input, inputFormat }: Pick<RunSpec, 'input' | 'inputFormat'>) {
  const files: InputFile[] = [];
  for (const path of input) {
    if (path === '-') {
      files.push({ path, name: 'standard input', format: inputFormat ?? 'list', isRegular: false });
      continue;
    }
    const found = await statReadable(path);
    const paths = found.isDirectory() ? await filesOfFolder(path) : [path];
    for (const file of paths) {
      const isRegular = (file === path ? found : await statReadable(file)).isFile();
      files.push({ path: file, name: file, format: inputFormat ?? formatOfName(file) ?? 'list', isRegular });
    }
  }
  return files;
}

async function statReadable(path: string): Promise<Stats> {
  try {
    const found = await stat(path);
    if (found.isFIFO()) {
      // Opened only to be read: its writer, if there is one, would take the end of this look for the end of its reader.
      await access(path, constants.R_OK);
      return found;
    }
    const file = await open(path);
    try {
      return await file.stat();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'no permission to read it'
          : String(code);
    throw new UsageError(`cannot read the list ${shortUrl(path)}: ${why}`, { cause: error });
  }
}

async function filesOfFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => formatOfName(name) !== undefined)
    // By code units: the same order on every machine.
    .sort();
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new UsageError(`${shortUrl(folder)} is a directory, and there is no list in it`, {
    hint: `lists and tables are known by their endings: ${knownEndings.join(', ')}, also with .gz`,
  });
}
