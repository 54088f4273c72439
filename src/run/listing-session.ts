import type { NoteEvent } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import { proxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { TableColumn } from '../core/table-columns.ts';
import { lazyClient } from '../http/lazy-client.ts';
import { openListing } from '../sources/listing.ts';
import type { RunContext } from './run-context.ts';

export interface ListingHooks {
  note(level: NoteEvent['level'], message: string): void;
  expectTotal(items: number): void;
  /** See `SourceContext`. */
  tellColumns?(columns: readonly TableColumn[]): void;
}

export interface ListingSession {
  items: AsyncIterable<Item>;
  /** Ends what the sources started: connections, and the demo's origin, from which items are fetched. */
  close(): Promise<void>;
}

/** The sources of a run, opened; nothing is requested before the first item is asked for. */
export async function openListingSession(
  spec: RunSpec,
  context: RunContext,
  hooks: ListingHooks,
): Promise<ListingSession> {
  const environment = context.environment ?? process.env;
  const signal = context.signal ?? new AbortController().signal;
  const http = await lazyClient(spec, proxySettings(spec, environment));
  const closers: (() => Promise<void>)[] = [];
  const items = openListing(spec, {
    spec,
    http: http.client,
    environment,
    stdin: context.stdin ?? standardInput((close) => closers.push(close)),
    signal,
    note: hooks.note,
    expectTotal: hooks.expectTotal,
    tellColumns: hooks.tellColumns ?? (() => {}),
    onClose: (close) => closers.push(close),
  });
  const onAbort = () => http.stop();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  return {
    items,
    async close() {
      signal.removeEventListener('abort', onAbort);
      await Promise.all([http.close(), ...closers.map((close) => close())]);
    },
  };
}

/** Opened when it is read: whoever only looks at it has hold of a terminal or a pipe. */
async function* standardInput(onClose: (close: () => Promise<void>) => void): AsyncGenerator<Uint8Array> {
  // A read that is under way would keep the process alive until somebody types.
  onClose(async () => void process.stdin.destroy());
  yield* process.stdin;
}
