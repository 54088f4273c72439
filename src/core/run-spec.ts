import type { Before } from './handed-back.ts';
import type { Item } from './item.ts';
import type { DigestName, FilterSpec, StageSpec } from './stage.ts';

export const strategyNames = ['sync', 'threads', 'processes', 'async', 'auto'] as const;
export type StrategyName = (typeof strategyNames)[number];

/** Positions in a source, from 1, both ends included; `to` null means to the end. */
export type IndexRange = { from: number; to: number | null };

/**
 * A run, described by data alone: plain JSON, validated once (`options.ts`), from which any place -
 * this thread, another, a child process - builds its downloader. Holds no credentials: those stay in
 * the environment.
 */
export interface RunSpec extends StageSpec, FilterSpec {
  /** As typed: URLs, `imgur:ID`, `demo:...`. */
  sources: string[];
  /** Lists and tables, or folders of them, in this order; `-` for standard input. */
  input: string[];
  /** Destination directory. */
  dir: string;
  strategy: StrategyName;
  /** In flight in all: `async` uses it, `auto` stays below it; null for the strategy's own number (100, 512). */
  concurrency: number | null;
  /** Threads or processes; null for the strategy's own number (5 threads, a process a core). */
  workers: number | null;
  /** Downloads in flight in each thread or process. */
  perWorker: number;
  /** In flight to one host, at most; null for 100, or less where a host asks for less (`host-ceilings.ts`). */
  perHost: number | null;
  /** Connections over which one large file is fetched, where its server can. */
  segments: number;
  /** Template of the output name. */
  name: string;
  /** Tries after the first. */
  retries: number;
  /** Whole item, all tries included. */
  timeoutMs: number;
  connectTimeoutMs: number;
  /** No byte, or under 1 KiB/s, for this long. */
  stallTimeoutMs: number;
  /** Longest sum of Retry-After and over-capacity waits for one item or listing. */
  patienceMs: number;
  /** Largest body. */
  maxBytes: number;
  limitBytesPerSecond: number | null;
  check: 'magic' | 'full' | 'none';
  /** Keep what is neither a picture nor a video. */
  anyType: boolean;
  /** Empty for all. */
  range: IndexRange[];
  prefer: 'mp4' | 'gif';
  /** Sent with every request to the host of an item, not across redirects to another. */
  headers: Record<string, string>;
  userAgent: string;
  /** Netscape format. Read where it is used, so that no cookie crosses a border. */
  cookiesFile: string | null;
  /** Null: HTTP_PROXY, HTTPS_PROXY and NO_PROXY decide. */
  proxy: string | null;
  /** Write a `.json` beside each file. */
  info: boolean;
  /** Where to write the failed items as a list. */
  failedFile: string | null;
  /** A digest of the original that is recorded beside its SHA-256. */
  hash: DigestName;
  /** SVG is a picture, too. */
  svg: boolean;
  /**
   * Which pictures are the same: `keep`, none is thought to be; `digest`, those with the same bytes; a number, those
   * whose perceptual hashes differ in so many bits or fewer.
   */
  duplicates: 'keep' | 'digest' | number;
  /** As a data set, in shards; null for files under their own names. */
  output: 'files' | 'webdataset' | 'parquet' | null;
  /** Rows of one shard. */
  shardSize: number;
  /** How the list of `input` is read; null: by its name. */
  inputFormat: 'list' | 'csv' | 'tsv' | 'jsonl' | 'parquet' | null;
  /** Columns of a table: of the address, of the caption, of a digest, and those that are kept (null for all). */
  urlColumn: string | null;
  captionColumn: string | null;
  digestColumn: { digest: DigestName; column: string } | null;
  columns: string[] | null;
  /** Sync each file to the disk before its rename. */
  fsync: boolean;
  allowPrivate: boolean;
  allowDowngrade: boolean;
  imgurApi: string;
}

/** What a strategy hands to a place: an item, and the name that the plan gave it. */
export interface Work {
  item: Item;
  /** Safe path relative to the destination, with `/`; `{ext}`, `{sha256}`, `{remote}` still open. */
  target: string;
  /** A path that the journal knows to be this item's: it may be replaced. */
  ownedPath: string | null;
  /**
   * When an earlier run took this name for the item, in epoch milliseconds, where that run may have been
   * killed before it could say how the item ended: a file under the name since then is this item's, whole.
   */
  adoptSinceMs: number | null;
  /** Where it was begun before in this run. */
  before?: Before;
}
