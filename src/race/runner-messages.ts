import type { ErrorData } from '../core/error-data.ts';
import type { RunEvent, Summary, Usage } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';

/** To the process of one run: its items in batches, the word to begin, then a word for each batch of events. */
export type ToRunner = { type: 'items'; items: Item[] } | { type: 'run'; spec: RunSpec } | { type: 'taken' };

/** From it: events in batches, each sent when the one before is taken; then one `end` or one `error`. */
export type FromRunner =
  | { type: 'events'; events: RunEvent[] }
  | { type: 'end'; summary: Summary; usage: Usage }
  | { type: 'error'; error: ErrorData };
