import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from './measure.ts';

/** What has to be there afterwards: sha256 by file name. */
export type Expected = ReadonlyMap<string, string>;

const piece = Buffer.allocUnsafeSlow(1024 * 1024);

/** The sha256 of a file, in hexadecimal, a piece at a time. */
export function digestOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const first = readSync(file, piece);
    if (first < piece.length) return hash('sha256', piece.subarray(0, first), 'hex');
    const sum = createHash('sha256').update(piece);
    for (let bytes = readSync(file, piece); bytes > 0; bytes = readSync(file, piece)) {
      sum.update(piece.subarray(0, bytes));
    }
    return sum.digest('hex');
  } finally {
    closeSync(file);
  }
}

/** What is wrong with the files in a directory, or '' where each is there with its bytes and no other is. */
export function faultsIn(directory: string, expected: Expected): string {
  const files = readdirSync(directory, { withFileTypes: true }).filter((it) => it.isFile());
  let whole = 0;
  let other = 0;
  for (const { name } of files) {
    if (expected.get(name) === digestOf(join(directory, name))) whole += 1;
    else other += 1;
  }
  const faults: string[] = [];
  if (whole < expected.size) faults.push(`only ${whole} of ${expected.size} files are whole`);
  if (other > 0) faults.push(`${other} files are not what they should be`);
  return faults.join(', ');
}

/** How a run failed, or ''. */
export function exitFault({ exitCode, stderr }: Measured): string {
  if (exitCode === null) return 'killed: it took too long';
  const [line = ''] = stderr.trim().split('\n');
  return exitCode === 0 ? '' : `exit ${exitCode} ${line.slice(0, 100)}`.trim();
}
