import { existsSync } from 'node:fs';
import type { NoteEvent } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { journalFile } from '../journal/journal-file.ts';
import { compileTemplate, type OutputName } from '../plan/output-name.ts';
import { ShardLayout } from '../shards/layout.ts';
import { openListingSession } from './listing-session.ts';
import type { RunContext } from './run-context.ts';

/** An item that would be downloaded. */
export interface ListedItem extends Item {
  /**
   * The path that it would get, relative to the destination; what only the bytes tell is still open
   * (`{ext}`). Of a data set: the shard, and the key in it. Of items that wish for the same one, all but the first to be downloaded get a suffix then.
   */
  target: string;
  /** Whether the journal of the destination says that it is stored. */
  known: boolean;
}

/** What a run would download. Nothing of it is fetched, nothing is written. */
export async function* listedItems(
  spec: RunSpec,
  context: RunContext,
  note: (level: NoteEvent['level'], message: string) => void = () => {},
): AsyncGenerator<ListedItem> {
  const outputName = outputNameOf(spec);
  const session = await openListingSession(spec, context, { note, expectTotal() {} });
  const journal = await journalOf(spec.dir);
  try {
    for await (const item of session.items) {
      yield { ...item, target: outputName(item), known: journal.has(item.key) };
    }
  } finally {
    journal.close();
    await session.close();
  }
}

function outputNameOf(spec: RunSpec): OutputName {
  if (spec.output === null) return compileTemplate(spec.name);
  const layout = new ShardLayout(spec.output, spec.shardSize);
  return (item) => layout.placeFor(item);
}

/** Loaded where there is one: SQLite takes some milliseconds. */
async function journalOf(directory: string): Promise<{ has(key: string): boolean; close(): void }> {
  if (!existsSync(journalFile(directory))) return { has: () => false, close() {} };
  const { readJournal } = await import('../journal/journal-reader.ts');
  return readJournal(directory);
}
