import type { Json } from './json.ts';
import type { Failure } from './outcome.ts';

export type { Json };

/**
 * The ranges of addresses that need a reason to be connected to. Everything else is `public`.
 * `local` is link-local and includes the metadata services of clouds (169.254.169.254).
 */
export type AddressRange = 'public' | 'loopback' | 'private' | 'local';

/**
 * What the source promised about the bytes. Size and digests are checked where they are there; type and
 * pixels are not, for sources are often wrong about them.
 */
export interface Expectation {
  bytes?: number;
  /** Lower-case hex. */
  sha256?: string;
  sha1?: string;
  md5?: string;
  mime?: string;
  /** Pixels. */
  width?: number;
  height?: number;
}

export interface Album {
  id: string;
  title?: string;
}

/** What a table says of an item beside its address. */
export interface Row {
  /** The text that goes with the picture. */
  caption?: string;
  /** Every column that is kept, the one of the caption among them, in the table's order. */
  columns: Record<string, Json>;
}

/** One thing to download. Plain data: it crosses threads, processes and machines. */
export interface Item {
  /** Names the same thing on every run: what the journal remembers it by. Unique within a source. */
  key: string;
  url: string;
  /** What stands for `url` in what outlasts the run, where the address does not: the same on every run. */
  lastingUrl?: string;
  /** Other places that have the same bytes, tried in turn when `url` fails. */
  mirrors?: string[];
  /** The source's own short name without extension (Imgur's image id, the last part of a URL's path). Untrusted. */
  name?: string;
  title?: string;
  album?: Album;
  /** Position in the source, from 1. */
  index: number;
  expect?: Expectation;
  headers?: Record<string, string>;
  /**
   * The non-public address ranges that this item may reach. What a user typed may reach all of them;
   * what a listing from a public host names may reach none.
   */
  reach: AddressRange[];
  /**
   * What is wrong with it already (a line of a list that is no URL, an album that could not be listed).
   * Such an item is not requested: this is its outcome, and `url` is the text that the user wrote.
   */
  failure?: Failure;
  /** Made of what the journal knows of it, which may be more than stands here: it is to stay there as it is. */
  isRemembered?: true;
  /** The row of a table that it came from. */
  row?: Row;
  /** What the source said, for `--info`. */
  meta?: Record<string, Json>;
}
