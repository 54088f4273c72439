import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asDiskError, UsageError } from '../core/errors.ts';
import { foreignFilesIn } from '../run/foreign-files.ts';

/** Says that a race made the directory, so that the next race may empty it. */
const marker = join('.gallop', 'race');

/**
 * Refuses a directory that a race may not empty: anything that is there, is not empty and was not made by
 * a race. Throws a UsageError. Changes nothing.
 */
export async function checkRaceDirectory(dir: string): Promise<void> {
  const hint = 'choose another directory with -d, or move this one away';
  const found = await lstat(dir).catch(() => null);
  if (found === null) return;
  if (!found.isDirectory()) throw new UsageError(`${dir} is in the way: it is not a directory`, { hint });
  if ((await readdir(dir)).length === 0) return;
  const made = await lstat(join(dir, marker)).catch(() => null);
  if (made === null) throw new UsageError(`${dir} holds files that no race made`, { hint });
  const [foreign] = foreignFilesIn(dir);
  if (foreign !== undefined)
    throw new UsageError(`${dir} holds a file that no race made: ${foreign}`, { hint });
}

/** Makes `dir` an empty directory that belongs to a race. Throws a UsageError or a DiskError. */
export async function freshRaceDirectory(dir: string): Promise<void> {
  await checkRaceDirectory(dir);
  try {
    await rm(dir, { recursive: true, force: true });
    await mkdir(join(dir, '.gallop'), { recursive: true });
    await writeFile(
      join(dir, marker),
      'Made by gallop race, which empties this directory when it runs again.\n',
    );
  } catch (error) {
    throw asDiskError(error, dir) ?? error;
  }
}
