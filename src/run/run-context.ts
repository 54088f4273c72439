import type { Item } from '../core/item.ts';

export interface RunContext {
  /** Aborted, the run takes nothing new, gives what is in flight five seconds, and ends: with exit code 130 where something was left undone. */
  signal?: AbortSignal;
  /** Instead of the spec's sources: a listing that was made before (a race lists once). */
  items?: readonly Item[];
  /** `process.env` unless given. */
  environment?: Record<string, string | undefined>;
  /** `process.stdin` unless given. */
  stdin?: AsyncIterable<Uint8Array>;
}
