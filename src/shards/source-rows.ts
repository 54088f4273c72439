import type { ShardLayout } from './layout.ts';
import type { ShardRow } from './row.ts';
import type { SpooledRows } from './spooled-rows.ts';
import type { PackedRow } from './table-reader.ts';

/** A row on its way into a shard: new, or as it stands in the shard that is written anew. */
export type SourceRow =
  | { kind: 'new'; place: number; row: ShardRow }
  | { kind: 'packed'; place: number; row: PackedRow };

/** All rows of a shard in the order of their places: the new ones, and those `packed` ones that no new one replaces. */
export async function* sourceRows(
  layout: ShardLayout,
  shard: number,
  spool: SpooledRows,
  packed: AsyncIterable<PackedRow> | null,
): AsyncGenerator<SourceRow> {
  let next = 0;
  const newRows = function* (end: number): Generator<SourceRow> {
    for (; next < end; next += 1) {
      const row = spool.get(next);
      if (row !== null) yield { kind: 'new', place: next, row };
    }
  };
  for await (const row of packed ?? []) {
    const place = layout.placeOfKey(shard, row.values.key);
    // What is not in its order was not written by us, and has no place.
    if (place === null || place < next) continue;
    yield* newRows(place);
    if (spool.has(place)) continue;
    yield { kind: 'packed', place, row };
    next = place + 1;
  }
  yield* newRows(layout.shardSize);
}
