import fs from 'node:fs';

/** Where the log of writes of a database begins: its salts are other ones after every restart of the log. */
const headerBytes = 32;

/**
 * Copies a SQLite database in WAL mode that another process may be writing, its log of writes with it, so that the
 * copy is what the database was at one moment in between. Returns false where the writer was faster: then what was
 * copied is of no use, and another try may succeed.
 *
 * Why it can be done: the database itself is written by checkpoints alone, which bring into it what stands in the log
 * since the log began anew. Where the log did not begin anew between the start of the copy and its end, whatever of a
 * checkpoint got into the copy of the database stands in the copy of the log, too, which is read over it. A
 * transaction that was cut off at the end of the log has no valid checksum and counts as not there.
 * See https://www.sqlite.org/walformat.html and https://www.sqlite.org/wal.html#checkpointing
 *
 * On POSIX a process that closes a file gives up all locks that it has on it: whoever may have the database open, as a
 * run in this process has, calls this in a process of its own.
 */
export function copyConsistently(file: string, copy: string): boolean {
  const before = stateOf(file);
  // In this order: the log has to be at least as new as the database.
  fs.copyFileSync(file, copy, fs.constants.COPYFILE_FICLONE);
  fs.rmSync(`${copy}-wal`, { force: true });
  try {
    fs.copyFileSync(`${file}-wal`, `${copy}-wal`, fs.constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return stateOf(file) === before;
}

/** Of a database without a log of writes the time of its last change decides, of another the log's beginning. */
function stateOf(file: string): string {
  const header = headerOf(`${file}-wal`);
  if (header !== '') return header;
  const { mtimeNs, size } = fs.statSync(file, { bigint: true });
  return `${mtimeNs} ${size}`;
}

/** Empty where there is no log, or none yet. */
function headerOf(log: string): string {
  let descriptor: number;
  try {
    descriptor = fs.openSync(log, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const header = Buffer.alloc(headerBytes);
    return header.toString('hex', 0, fs.readSync(descriptor, header, 0, headerBytes, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}
