import { rmSync } from 'node:fs';
import path from 'node:path';
import type { DataSetCounts } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { TableColumn } from '../core/table-columns.ts';
import type { Journal, StoredFile } from '../journal/journal.ts';
import { isThere } from '../plan/plan.ts';
import type { PackSpec } from '../shards/settings.ts';

/** What a run does besides, where its output is a data set. */
export interface DataSet {
  /** See `OutputName`. */
  nameOf(item: Item): string;
  /** What the shards that are there do not have. What they have is told to `known`. */
  missing(
    items: AsyncIterable<Item>,
    known: (outcome: Outcome) => Promise<void> | void,
  ): AsyncGenerator<Item>;
  /** Whether what the journal knows to be stored is there, to be packed. */
  isThere(stored: StoredFile): boolean;
  /** The outcome as it is told: its path is where it stays, not where it waits to be packed. */
  told(outcome: Outcome): Outcome;
  /** Once for every item of `missing`. Throws what ended the packing. */
  settled(outcome: Outcome): void;
  /** All have been settled: packs what is left. */
  end(): Promise<void>;
  close(): Promise<void>;
  /** What was packed so far. */
  readonly counts: DataSetCounts;
}

/** Null where the output is none. `tableColumns`: see `PackSpec`. Throws as `openPacker` does. */
export async function openDataSet(
  spec: RunSpec,
  tableColumns: readonly TableColumn[],
  journal: Journal,
  note: (level: 'warning', message: string) => void,
  signal: AbortSignal,
): Promise<DataSet | null> {
  if (spec.output === null) return null;
  // What packs is loaded with it.
  const { openPacker } = await import('../shards/packer.ts');
  const { ShardLayout } = await import('../shards/layout.ts');
  const { isStaged } = await import('../shards/staged.ts');
  const layout = new ShardLayout(spec.output, spec.shardSize);
  const counts: DataSetCounts = { shards: 0, rows: 0, pictures: 0, duplicates: 0 };
  // Without its statistics a shard is not finished: it is made anew, of pictures that are fetched again.
  for (const file of journal.changedShardFiles()) {
    const shard = Number.parseInt(file, 10);
    if (!Number.isNaN(shard)) rmSync(path.join(spec.dir, layout.statsFile(shard)), { force: true });
  }
  const packer = await openPacker(
    { ...spec, tableColumns } as PackSpec,
    (packed) => {
      counts.shards += 1;
      counts.rows += packed.rows;
      counts.pictures += packed.pictures;
      counts.duplicates += packed.duplicates.length;
      const staged = spec.output === 'files' ? null : `${layout.folder(packed.shard)}/`;
      journal.packed(staged, packed.files, packed.duplicates);
    },
    signal,
  );
  let isChangeTold = false;
  return {
    counts,
    isThere(stored) {
      if (!isThere(spec.dir, stored)) return false;
      // Where they stay, `verify` finds what has changed. Once packed, it would be taken for what was downloaded.
      if (spec.output === 'files') return true;
      const file = path.join(spec.dir, stored.path);
      if (isStaged({ ...stored, path: file })) return true;
      if (!isChangeTold) note('warning', `${file} is not as it was downloaded: it is fetched anew`);
      isChangeTold = true;
      return false;
    },
    nameOf: (item) => packer.target(item),
    async *missing(items, known) {
      for await (const item of items) {
        const taken = packer.take(item);
        const outcome = taken instanceof Promise ? await taken : taken;
        if (outcome === null) yield item;
        else await known(outcome);
      }
    },
    told(outcome) {
      if (outcome.path === null || spec.output === 'files') return outcome;
      return { ...outcome, path: layout.placeFor(outcome) };
    },
    settled: (outcome) => packer.add(outcome),
    end: () => packer.end(),
    close: () => packer.close(),
  };
}
