import fs from 'node:fs';
import path from 'node:path';
import { asDiskError, DiskError } from '../core/errors.ts';
import { type DraftHome, FileDraft } from './file-draft.ts';
import { clearParts, newPart, notePath, notesIn, partsDirectory, takePart } from './parts.ts';
import { asRefusal } from './refusal.ts';
import { type Draft, type Sink, type StoredBody, UnsafePathError } from './sink.ts';
import { syncDirectory } from './sync-directory.ts';

/** Directories whose existence and honesty were checked; above this many the check is made again. */
const maxKnown = 10_000;
/** A longer text is none that `putText` wrote, and is not read. */
const maxTextBytes = 16 * 1024 * 1024;

/** Makes the destination, where it is not there. Throws a `DiskError` where it cannot be made or written. */
export function makeDestination(root: string): void {
  try {
    makeDirectories(path.join(root, partsDirectory));
  } catch (error) {
    throw unusable(error, root);
  }
}

/**
 * Clears away what was left unfinished, but for what a run may still go on with and what was noted before
 * `keptUntilMs` (epoch milliseconds). Only whoever holds the directory may do so.
 */
export function prepareDirectory(root: string, keptUntilMs = Number.POSITIVE_INFINITY): void {
  const parts = path.join(root, partsDirectory);
  const own = path.dirname(parts);
  // What is cleared away must lie in the destination itself.
  if (standing(own)?.isSymbolicLink()) {
    throw new DiskError(`${own} is a link: it has to be a directory`, { code: 'disk', hint: 'move it away' });
  }
  try {
    // What is no directory is no place for parts, and not ours.
    if (standing(parts)?.isDirectory() === false) fs.rmSync(parts);
    makeDirectories(parts);
    clearParts(parts, keptUntilMs);
  } catch (error) {
    throw unusable(error, root);
  }
}

export interface DirectoryOptions {
  /** Sync each file before it appears, its directory after that, and every directory from there to the root. */
  fsync: boolean;
}

/** Files in a directory tree. */
export class DirectorySink implements Sink, DraftHome {
  readonly root: string;
  readonly fsync: boolean;
  readonly #parts: string;
  /** Notes of what was there when this was made. */
  readonly #left: Set<string>;
  readonly #known = new Set<string>();

  constructor(root: string, options: DirectoryOptions) {
    this.root = path.resolve(root);
    this.fsync = options.fsync;
    this.#parts = path.join(this.root, partsDirectory);
    makeDestination(this.root);
    this.#left = this.refused(this.#parts, () => notesIn(this.#parts));
    if (this.fsync) this.refused(this.root, () => syncDirectory(path.dirname(this.root)));
  }

  draft(key: string): Draft {
    const note = () => notePath(this.#parts, key);
    // Most runs find nothing left, and look for nothing.
    const left = this.#left.size > 0 && this.#left.delete(note()) ? takePart(note()) : null;
    return new FileDraft(this, left?.file ?? newPart(this.#parts), note, left);
  }

  async putText(places: readonly string[], text: string, isOwn: (there: string) => boolean): Promise<string> {
    const draft = this.draft(`text of ${places[0]}`);
    try {
      await draft.append(Buffer.from(text));
      for (const place of places) {
        const there = await this.#textOf(place);
        if (there !== null && isOwn(there)) return await draft.commit([place], place);
      }
      return await draft.commit(places, null);
    } finally {
      await draft.discard();
    }
  }

  async #textOf(relative: string): Promise<string | null> {
    const body = await this.open(relative);
    try {
      return body === null || body.size > maxTextBytes ? null : (await body.read(0, body.size)).toString();
    } finally {
      await body?.close();
    }
  }

  async open(relative: string): Promise<StoredBody | null> {
    const file = path.join(this.root, relative);
    // Looked at before it is opened: most names that are asked for are not there, and a link is not followed.
    const there = standing(file);
    if (!there?.isFile() || !this.#isInside(path.dirname(file))) return null;
    const handle = await fs.promises.open(file, 'r');
    return {
      size: there.size,
      modifiedMs: there.mtimeMs,
      async read(offset, length) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
      whole: () => file,
      close: () => handle.close(),
    };
  }

  async close(): Promise<void> {}

  /** The absolute path for a relative one, its directory made. Throws an `UnsafePathError` where it leads out. */
  resolve(relative: string): string {
    const absolute = path.join(this.root, relative);
    const directory = path.dirname(absolute);
    if (!this.#known.has(directory)) {
      this.#makeDirectory(relative, directory);
      if (this.fsync) this.refused(directory, () => this.#syncWay(directory));
      if (this.#known.size >= maxKnown) this.#known.clear();
      this.#known.add(directory);
    }
    return absolute;
  }

  /** Runs what touches the disk; a refusal of the disk becomes a `DiskError`. */
  refused<T>(file: string, step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw asRefusal(error, file);
    }
  }

  #makeDirectory(relative: string, directory: string): void {
    if (!isWithin(directory, this.root)) {
      throw new UnsafePathError(relative, 'leads out of the destination');
    }
    // Looked at before anything is made: not even a directory appears behind a link that leads out.
    if (!this.#isInside(this.#nearest(directory))) {
      throw new UnsafePathError(relative, 'a link leads out of the destination');
    }
    try {
      makeDirectories(directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' || code === 'ENOTDIR') {
        throw new UnsafePathError(relative, 'a file stands where a directory is needed');
      }
      throw asRefusal(error, directory);
    }
  }

  /** To the root, whoever made them: another worker may not have synced yet what it has just made. */
  #syncWay(directory: string): void {
    for (let at = directory; at !== this.root; at = path.dirname(at)) syncDirectory(at);
    syncDirectory(this.root);
  }

  /** The directory, or the nearest one above it that is there. */
  #nearest(directory: string): string {
    let nearest = directory;
    while (nearest !== this.root && standing(nearest) === undefined) nearest = path.dirname(nearest);
    return nearest;
  }

  /** A link inside the destination may lead anywhere, or nowhere; what counts is where it ends. */
  #isInside(directory: string): boolean {
    try {
      return isWithin(fs.realpathSync(directory), fs.realpathSync(this.root));
    } catch (error) {
      if (['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw asRefusal(error, directory);
    }
  }
}

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep);

/** What stands under a path: the link itself, not what it leads to. Nothing can stand below a file. */
function standing(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * `mkdir -p`. Node's own reports ENOENT where the file system is read-only, and does not come to an end
 * below a directory that takes none, such as `/proc`.
 */
function makeDirectories(directory: string): void {
  const isThere = () => fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return;
  if (path.dirname(directory) !== directory) makeDirectories(path.dirname(directory));
  try {
    fs.mkdirSync(directory);
  } catch (error) {
    // Another worker may have been faster.
    if (!isThere()) throw error;
  }
}

/** The destination as a whole cannot be used, whatever the reason. */
function unusable(error: unknown, root: string): DiskError {
  const { code, message } = error as NodeJS.ErrnoException;
  const isFile = code === 'EEXIST' || code === 'ENOTDIR';
  const why = isFile ? 'there is a file where a directory has to be' : message;
  const details = { code: 'disk', hint: 'choose another directory with -d', cause: error };
  return asDiskError(error, root) ?? new DiskError(`cannot use ${root}: ${why}`, details);
}
