import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DiskError } from '../core/errors.ts';
import { type FoundDuplicate, type PackedShard, ShardFolder, type TellPacked } from './commit.ts';
import type { DuplicateIndex } from './duplicate-index.ts';
import { asDuplicate, imageColumn, type ShardRow } from './row.ts';
import { settingsOf } from './settings.ts';
import type { ShardContext } from './shard-context.ts';
import { ShardWriter } from './shard-writer.ts';
import { sourceRows } from './source-rows.ts';
import { type Spooled, SpooledRows } from './spooled-rows.ts';
import { RowCounts, type ShardStats, statsText } from './stats.ts';
import { packedRows } from './table-reader.ts';

/** Other things happen between so many rows. */
const rowsAtATime = 32;
/** What a row of Parquet takes: it is in memory as a whole, more than once. */
const mostImageBytes = 256 * 1024 * 1024;

/** What all packing of a run has in common. */
export interface PackContext extends ShardContext {
  duplicates: DuplicateIndex | null;
  tell: TellPacked;
  /** Aborts in the middle, with nothing changed. */
  signal: AbortSignal;
}

/** One shard, all of whose rows have settled: plain data, that goes to another thread. */
export interface PackJob {
  shard: number;
  /** The rows that are new. */
  rows: Spooled;
  /** The digest of the items, and how many they were. */
  input: string;
  taken: number;
  startMs: number;
  /** The shard as it is, where it is written anew. */
  old: ShardStats | null;
}

/** Writes a shard, and makes it appear; see `ShardFolder`. Throws a `DiskError` where the disk refuses, or a picture or the old shard is not as it was. */
export async function packShard(job: PackJob, context: PackContext): Promise<void> {
  const { spec, layout, signal } = context;
  const folder = new ShardFolder(spec.dir, layout, job.shard, spec.fsync);
  // It was packed, and there was no open file to move it with.
  if (folder.isReady) return await folder.goOn(context.tell);
  if (job.old !== null) await checkFiles(spec.dir, job.old, signal);
  folder.begin();
  try {
    const packed = await writeFiles(job, context, folder);
    signal.throwIfAborted();
    await folder.commit(packed, context.tell);
  } catch (error) {
    folder.discard();
    throw error;
  }
}

async function writeFiles(job: PackJob, context: PackContext, folder: ShardFolder): Promise<PackedShard> {
  const { spec, layout, maker, signal } = context;
  const { shard, old } = job;
  const table = path.join(spec.dir, layout.tableFile(shard));
  const image = layout.output === 'parquet' ? imageColumn(spec) : null;
  const oldTar =
    old !== null && layout.output === 'webdataset' ? path.join(spec.dir, `${layout.name(shard)}.tar`) : null;
  const writer = new ShardWriter({ spec, layout, shard, making: folder.making, oldTar }, maker);
  const counts = new RowCounts();
  const duplicates: FoundDuplicate[] = [];
  let rows = 0;
  try {
    for await (const source of sourceRows(
      layout,
      shard,
      new SpooledRows(job.rows),
      old === null ? null : packedRows(table, { image }),
    )) {
      if (source.kind === 'packed') {
        await writer.writePacked(source.row);
        counts.add(source.row.values);
      } else {
        const row = judged(source.row, layout.indexOf(shard, source.place), context, duplicates);
        await writer.writeNew(row);
        counts.add(row.values);
      }
      rows += 1;
      if (rows % rowsAtATime === 0) await nextTurn();
      signal.throwIfAborted();
    }
    const files = await writer.finish();
    const input = job.taken === rows ? job.input : '';
    const facts = { version: 1 as const, settings: settingsOf(spec), input, files };
    const found = counts.stats(job.startMs, Date.now(), facts);
    const stats = layout.statsFile(shard);
    const written = folder.putText(stats, statsText(found));
    return {
      shard,
      files: [...files, { path: stats, ...written }],
      rows,
      pictures: found.successes,
      duplicates,
    };
  } finally {
    writer.close();
  }
}

/** The row as it is packed: without its picture where that is another's, or too large. */
function judged(
  row: ShardRow,
  index: number,
  { duplicates, layout }: PackContext,
  found: FoundDuplicate[],
): ShardRow {
  if (row.file === null) return row;
  const { sha256, phash, bytes } = row.values;
  if (layout.output === 'parquet' && Number(bytes) > mostImageBytes) {
    const error_message = `too-large: ${bytes} bytes do not fit into a row of Parquet`;
    return { ...row, file: null, values: { ...row.values, status: 'failed_to_resize', error_message } };
  }
  const likeness = { sha256: sha256 as string | null, phash: phash as string | null | undefined };
  const first = duplicates?.claim(likeness, index) ?? null;
  // It may have been packed before, and fetched again.
  if (first === null || first === index) return row;
  const duplicateOf = layout.key(first);
  found.push({ itemKey: row.itemKey, path: row.file, duplicateOf });
  return asDuplicate(row, duplicateOf);
}

/** What is taken over must be what was packed. */
async function checkFiles(dir: string, { gallop }: ShardStats, signal: AbortSignal): Promise<void> {
  for (const { path: name, sha256 } of gallop.files) {
    const hash = createHash('sha256');
    const file = path.join(dir, name);
    for await (const piece of fs.createReadStream(file, { highWaterMark: 1024 * 1024, signal }))
      hash.update(piece);
    if (hash.digest('hex') === sha256) continue;
    throw new DiskError(`${file} is not as it was packed: new pictures cannot be added to it`, {
      code: 'disk',
      hint: 'move it and the _stats.json beside it away, and run the same command again: its pictures are fetched anew',
    });
  }
}
