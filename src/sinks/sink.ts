/** A file that is being written and that nobody can see yet under a final name. */
export interface Draft {
  /** Bytes appended so far. */
  readonly size: number;
  /** Appends. The caller waits for the promise, if there is one, before it appends again. */
  append(chunk: Buffer): Promise<void> | undefined;
  /** Begins again from nothing. */
  restart(): Promise<void>;
  /** What was appended, from `offset`; fewer bytes than `length` at the end. */
  read(offset: number, length: number): Promise<Buffer>;
  /**
   * Makes the file appear, whole, in one step, under the first of `places` that nothing stands under, or a
   * file with the very same bytes, which is left as it is. Replaces nothing but a file under `ownedPath`,
   * also where other threads and processes want the same name at the same time. Returns the place.
   * Throws a `DiskError` when the disk refuses, an `UnsafePathError` when a link or a directory stands in
   * the way, or all places are taken.
   */
  commit(places: readonly string[], ownedPath: string | null): Promise<string>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** A stored file, to be read. */
export interface StoredBody {
  readonly size: number;
  readonly modifiedMs: number;
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Where files go. A file under a final name is whole, always. */
export interface Sink {
  draft(): Draft;
  /**
   * A small file beside a stored one (`--info`), as `Draft.commit` would put it. `isOwn` is asked of the
   * text of each file that is there whether it may be replaced. Returns the place.
   */
  putText(places: readonly string[], text: string, isOwn: (there: string) => boolean): Promise<string>;
  /** A file that is there, under its final name; null where there is none. */
  open(path: string): Promise<StoredBody | null>;
  close(): Promise<void>;
}

export class UnsafePathError extends Error {
  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
    this.name = 'UnsafePathError';
  }
}
