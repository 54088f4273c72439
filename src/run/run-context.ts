import type { Item } from '../core/item.ts';

export interface RunContext {
  /**
   * Aborted, the run takes nothing new, gives what is in flight five seconds, and ends: with exit code 130 where
   * something was left undone.
   */
  signal?: AbortSignal;
  /**
   * Instead of the spec's sources: what was listed before (a race lists once), or is in the journal (a repair). Read
   * once, as far as it is needed.
   */
  items?: Iterable<Item> & { readonly length: number };
  /** Nothing of earlier runs is made use of, and nothing kept for later ones, but the journal. */
  isIsolated?: boolean;
  /** `process.env` unless given. */
  environment?: Record<string, string | undefined>;
  /** `process.stdin` unless given. */
  stdin?: AsyncIterable<Uint8Array>;
}
