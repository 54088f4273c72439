import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** What file systems without links answer: FAT and exFAT, FUSE, network shares, Android's shared storage. */
const noLinks = new Set(['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Gives the finished file `temporary` the name `target` in one step, unless something stands there: then
 * nothing is touched, and it is false. Of several threads and processes that want one name, one gets it.
 */
export function appear(temporary: string, target: string): boolean {
  try {
    // Unlike a rename, a link never replaces.
    fs.linkSync(temporary, target);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!noLinks.has(code)) throw error;
    return appearByRename(temporary, target);
  }
  fs.unlinkSync(temporary);
  return true;
}

/**
 * Looks, and renames, while a mark beside the temporary files keeps every other worker from that name. Not
 * an empty file under the name itself: it would stay there, not whole, were the process killed in between.
 * Only against other programs is there no protection in the moment between the look and the rename.
 */
function appearByRename(temporary: string, target: string): boolean {
  // File systems without links take letters of either case for the same.
  const mark = path.join(path.dirname(temporary), `${hash('sha256', target.toLowerCase())}.name`);
  try {
    fs.closeSync(fs.openSync(mark, 'wx'));
  } catch (error) {
    // Another worker is about to take the name.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) return false;
    fs.renameSync(temporary, target);
    return true;
  } finally {
    fs.unlinkSync(mark);
  }
}
