import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { TableColumn } from '../core/table-columns.ts';
import type { HttpClient } from '../http/client.ts';

/** What a source needs from its run. */
export interface SourceContext {
  spec: RunSpec;
  /** For requests to APIs: retries, limits and address guard are in it. */
  http: HttpClient;
  /** Where credentials come from; `.env` is already in it. */
  environment: Record<string, string | undefined>;
  /** What `-i -` reads. */
  stdin: AsyncIterable<Uint8Array>;
  signal: AbortSignal;
  /** Says something to a person. */
  note(level: 'info' | 'warning', message: string): void;
  /** Adds to the known size of the whole: call once, before the first item, where it is known. */
  expectTotal(items: number): void;
  /** Where rows are packed: the columns that those of a table have, told before the first item of it. */
  tellColumns(columns: readonly TableColumn[]): void;
  /** Runs when the last download is done, not when the listing is: for servers that the source started. */
  onClose(close: () => Promise<void>): void;
}

/**
 * Where items come from. Yields them lazily, in the source's own order, `index` from 1; throws a
 * `ListingError` when it cannot be read and an `InterruptedError` when `signal` aborts.
 */
export interface Source {
  readonly name: string;
  /** Whether `input`, as the user typed it, is for this source. Pure and fast; no request. */
  matches(input: string): boolean;
  items(input: string, context: SourceContext): AsyncIterable<Item>;
}
