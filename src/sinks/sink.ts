/** What the bytes of a draft are the beginning of: enough to ask for the rest, and to know that it is the rest. */
export interface Beginning {
  /** Which address has it; not the address itself, which may hold secrets. */
  address: string;
  /** A strong validator (RFC 9110, 8.8.1): an entity tag, or a date. */
  validator: string;
  /** Of the whole; null where the server did not say. */
  totalBytes: number | null;
}

/** From one byte on, and up to another, without that one. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A stretch of a draft that is written beside others. */
export interface Section extends Stretch {
  /** Appends. The caller waits for the promise, if there is one, before it appends again. */
  append(chunk: Buffer): Promise<void> | undefined;
  /** Everything is on the disk afterwards. Throws a `DiskError`. */
  flush(): Promise<void>;
}

/** A file that is being written and that nobody can see yet under a final name. */
export interface Draft {
  /** Bytes that are there, from the first on. */
  readonly size: number;
  /** What is there, or on its way to the disk, behind `size`; in order. */
  readonly ahead: readonly Stretch[];
  /** To be set before the first byte; null where nobody could go on with what is there. */
  beginning: Beginning | null;
  /** Appends. The caller waits for the promise, if there is one, before it appends again. */
  append(chunk: Buffer): Promise<void> | undefined;
  /** A stretch at `from`, of what `beginning` says; behind `size`, and behind or before all others. */
  section(from: number): Section;
  /** Has on the disk what is ahead, and counts to `size` what touches it. No section is appended to meanwhile, or ever again. */
  join(): Promise<void>;
  /** Takes what is ahead for not there. No section is appended to any more. */
  forgetAhead(): void;
  /** Begins again from nothing, with no `beginning`. What is appended afterwards waits for it. */
  restart(): void;
  /** What is there, from `offset`; fewer bytes than `length` at the end. At once where it is in memory. */
  read(offset: number, length: number): Buffer | Promise<Buffer>;
  /** All that is there: its bytes, or, where they are on the disk, the path of their file, which nothing else is in. */
  whole(): Buffer | Promise<string>;
  /**
   * Makes the file appear, whole, in one step, under the first of `places` that nothing stands under, or a
   * file with the very same bytes, which is left as it is. Replaces nothing but a file under `ownedPath`,
   * also where other threads and processes want the same name at the same time. Returns the place, and leaves
   * nothing else behind. Throws a `DiskError` when the disk refuses, an `UnsafePathError` when a link or a directory stands in
   * the way, or all places are taken.
   */
  commit(places: Iterable<string>, ownedPath: string | null): Promise<string>;
  /** Leaves what is there to a later run, where that can go on with it; else, it leaves nothing. */
  leave(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** A stored file, to be read. */
export interface StoredBody {
  readonly size: number;
  readonly modifiedMs: number;
  read(offset: number, length: number): Promise<Buffer>;
  /** The path of its file. */
  whole(): string;
  close(): Promise<void>;
}

/** Where files go. A file under a final name is whole, always. */
export interface Sink {
  /**
   * One at a time for a `key`. It begins with what an earlier process left of a large file under the same
   * key, however that process ended: its `beginning` says what that is.
   */
  draft(key: string): Draft;
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
