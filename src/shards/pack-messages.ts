import type { ErrorData } from '../core/error-data.ts';
import type { PackedShard } from './commit.ts';
import type { PackJob } from './pack.ts';

/** To the thread that packs, which is started with a `PackSpec`. No picture is in a message: both sides name files. */
export type ToPackThread =
  /** One at a time. Answered with `done` or `failed`. */
  | { type: 'pack'; job: PackJob }
  /** Reads what the finished shards have, where duplicates are looked for; else nothing. Answered as `pack` is. */
  | { type: 'prepare' }
  /** The answer to `packed`: whether it is remembered now. */
  | { type: 'told'; isKept: boolean }
  /** What is being packed is given up. */
  | { type: 'stop' };

export type FromPackThread =
  /** A shard is finished, and is to be told of. Answered with `told`. */
  { type: 'packed'; packed: PackedShard } | { type: 'done' } | { type: 'failed'; error: ErrorData };
