import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './scratch.ts';

export interface TinyDisk extends Disposable {
  path: string;
  /** Makes room, for `bytes` in all. */
  grow(bytes: number): void;
}

/** A file system of its own with room for `bytes`; null where this user may not mount one. */
export function tinyDisk(bytes: number): TinyDisk | null {
  const place = scratch();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', place.path], { stdio: 'ignore' });
  } catch {
    place[Symbol.dispose]();
    return null;
  }
  return {
    path: place.path,
    grow: (most) => void execFileSync('mount', ['-o', `remount,size=${most}`, place.path]),
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', place.path]);
      place[Symbol.dispose]();
    },
  };
}

/** A directory that this process cannot write. */
export function readOnlyDirectory(): Disposable & { path: string } {
  const place = scratch();
  const path = join(place.path, 'read-only');
  mkdirSync(path);
  chmodSync(place.path, 0o755);
  const locked = withoutWriting(path);
  return {
    path,
    [Symbol.dispose]() {
      locked[Symbol.dispose]();
      place[Symbol.dispose]();
    },
  };
}

/** Takes the right to write from a directory and all below. */
export function withoutWriting(path: string): Disposable {
  execFileSync('chmod', ['-R', 'a+rX,a-w', path]);
  return asNobody(() => execFileSync('chmod', ['-R', 'u+w', path]));
}

/** Takes every right from `file`, of all that there is below `dir`. */
export function withoutReading(dir: string, file: string): Disposable {
  execFileSync('chmod', ['-R', 'a+rX', dir]);
  chmodSync(join(dir, file), 0);
  return asNobody(() => execFileSync('chmod', ['u+rwX', join(dir, file)]));
}

/** Root can do everything, and is somebody else for that time. */
function asNobody(undo: () => void): Disposable {
  const isRoot = process.geteuid?.() === 0;
  const nobody = 65_534;
  if (isRoot) process.seteuid!(nobody);
  return {
    [Symbol.dispose]() {
      if (isRoot) process.seteuid!(0);
      undo();
    },
  };
}
