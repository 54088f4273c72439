import type { RunEvent, Running, Summary } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';

export interface RunContext {
  signal?: AbortSignal;
  /** Instead of the spec's sources: a listing that was made before (a race lists once). */
  items?: AsyncIterable<Item> | Iterable<Item>;
  /** `process.env` unless given. */
  environment?: Record<string, string | undefined>;
  /** `process.stdin` unless given. */
  stdin?: AsyncIterable<Uint8Array>;
}

export function startRun(_spec: RunSpec, _context: RunContext = {}): Running<RunEvent, Summary> {
  throw new Error('not yet');
}
