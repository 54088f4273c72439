import type { FailureCode } from './failures.ts';
import type { PictureFacts } from './stage.ts';

/** Where an item's time went, in milliseconds. */
export interface Timings {
  /**
   * Before the request went out, since the hand-over to a slot: back-off between tries, pauses that the
   * host asked for, connection. Time in the run's own queue is not in it: that was before `startedMs`.
   */
  wait: number;
  /** From the request until the first byte of the answer. */
  firstByte: number;
  /** From the first byte until the last. */
  body: number;
  /** In the image stage. */
  stage: number;
  /** Writing, syncing and renaming. */
  write: number;
}

/** Why an item failed, as data. */
export interface Failure {
  code: FailureCode;
  /** One line: what was wrong, where, and what would have been right. Holds no secret. */
  message: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
}

/**
 * Why a picture was left out: smaller than `--min-size`; longer than `--max-aspect`; more than `--max-pixels`; not of
 * a `--mime` that is wanted; of a format that is not decoded, in a data set whose pictures are to have a size or a format; its server asks
 * to be left out of data sets; the same as another.
 */
export const skipCodes = [
  'too-small',
  'too-long',
  'too-large',
  'mime',
  'undecodable',
  'robots',
  'duplicate',
] as const;
export type SkipCode = (typeof skipCodes)[number];

export interface Skip {
  code: SkipCode;
  /** One line: what was found, and what would have been taken. */
  message: string;
  /** The key of the item that it is the same as. */
  duplicateOf?: string;
}

/** How one item ended. Exactly one per item, whatever went wrong. */
export interface Outcome {
  /** `saved` now; `kept`, was there and still good; `skipped`, filtered out; `failed`. */
  status: 'saved' | 'kept' | 'skipped' | 'failed';
  key: string;
  url: string;
  index: number;
  /**
   * Relative to the destination, with `/`. Null where there is no file. In the events of a data set: the shard, and the key in
   * it (`00000.tar/000000003`), which are there once it is packed.
   */
  path: string | null;
  /** Size of the file; 0 where there is none. */
  bytes: number;
  sha256: string | null;
  mime: string | null;
  width: number | null;
  height: number | null;
  /** Requests begun, redirects not counted. 0 where none was needed. */
  attempts: number;
  ms: Timings;
  /** Milliseconds from the start of the run to the hand-over to a slot, and to the end. */
  startedMs: number;
  endedMs: number;
  /** The slot that it ran in, from 0: with n in flight, the lowest free of n. */
  slot: number;
  error?: Failure;
  /** Why it was skipped, where it was not for having come before in this run. */
  skip?: Skip;
  /** What the image stage found. `sha256`, `bytes`, `mime` and pixels above are of the file that is stored. */
  picture?: PictureFacts;
}

export const noTimings = (): Timings => ({ wait: 0, firstByte: 0, body: 0, stage: 0, write: 0 });
