import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { blankOutcome } from '../../src/core/blank-outcome.ts';
import type { Item, Json } from '../../src/core/item.ts';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import type { Outcome, Skip } from '../../src/core/outcome.ts';
import { type TableColumn, TableColumns, typeOfValue } from '../../src/core/table-columns.ts';
import { finishTarget } from '../../src/core/target.ts';
import type { PackedShard } from '../../src/shards/commit.ts';
import { openPacker, type Packer } from '../../src/shards/packer.ts';
import type { PackSpec } from '../../src/shards/settings.ts';

/** What becomes of a row's download; a picture where nothing is said. */
export interface Row {
  bytes?: Buffer;
  ext?: string;
  fails?: boolean;
  skip?: Skip;
  phash?: string;
  caption?: string;
  columns?: Record<string, Json>;
  url?: string;
  lastingUrl?: string;
}

export const specFor = (dir: string, changes: Partial<PackSpec> = {}): PackSpec =>
  ({
    ...defaultRunSpec,
    output: 'webdataset',
    shardSize: 10,
    captionColumn: 'text',
    tableColumns: columnsOf([{}]),
    ...changes,
    dir,
  }) as PackSpec;

/** Different for every row, of sizes around those of blocks. */
export function pictureOf(index: number): Buffer {
  const seed = hash('sha256', `picture ${index}`, 'buffer');
  return Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(500 + ((index * 7) % 30), seed)]);
}

export function itemOf(index: number, { caption, columns, url, lastingUrl }: Row = {}): Item {
  const address = url ?? `https://pictures.example/${index}.jpg`;
  const row = {
    caption: caption ?? `caption ${index} ä`,
    columns: {
      text: caption ?? `caption ${index} ä`,
      score: index / 2,
      n: index,
      ok: index % 2 === 0,
      ...columns,
    },
  };
  const item = { key: `${index - 1} ${lastingUrl ?? address}`, url: address, index, reach: [], row };
  return lastingUrl === undefined ? item : { ...item, lastingUrl };
}

/** Of the whole input, as a run is told of them. */
export function columnsOf(rows: readonly Row[]): TableColumn[] {
  const columns = new TableColumns();
  for (const [at, row] of rows.entries()) {
    const values = Object.entries(itemOf(at + 1, row).row?.columns ?? {});
    for (const [name, value] of values) columns.see(name, typeOfValue(value));
  }
  return columns.list;
}

/** Downloads a row as a run does: to the place that the packer names, unless it is there. */
export function downloaded(packer: Packer, dir: string, item: Item, row: Row): Outcome {
  const blank = blankOutcome(item);
  if (row.fails) {
    const error = { code: 'not-found' as const, message: `${item.url} answers 404`, retryable: false };
    return { ...blank, status: 'failed', error, attempts: 3, endedMs: performance.now() };
  }
  if (row.skip !== undefined) return { ...blank, status: 'skipped', skip: row.skip };
  const bytes = row.bytes ?? pictureOf(item.index);
  const file = finishTarget(packer.target(item), { ext: row.ext ?? 'jpg', sha256: '' });
  const absolute = path.join(dir, file);
  const isThere = fs.existsSync(absolute);
  if (!isThere) {
    fs.mkdirSync(path.dirname(absolute), { recursive: true });
    fs.writeFileSync(`${absolute}.part`, bytes);
    fs.renameSync(`${absolute}.part`, absolute);
  }
  const sha256 = hash('sha256', bytes);
  const found = { path: file, bytes: bytes.length, sha256, mime: 'image/jpeg', width: 30, height: 20 };
  const original = {
    bytes: bytes.length,
    sha256,
    mime: 'image/jpeg',
    width: 30,
    height: 20,
    md5: hash('md5', bytes),
  };
  const picture = {
    original,
    exif: { Make: `maker ${item.index}` },
    phash: row.phash ?? hash('sha256', bytes).slice(0, 16),
  };
  return { ...blank, ...found, picture, status: isThere ? 'kept' : 'saved', endedMs: performance.now() };
}

export interface Packing {
  /** What each row came to that a shard had already. */
  known: Map<number, Outcome>;
  /** The rows that were asked for. */
  fetched: number[];
  packed: PackedShard[];
}

export interface PackOptions {
  spec?: Partial<PackSpec>;
  /** The order in which outcomes come, of those that are there together. */
  order?: (rows: number[]) => number[];
  /** Shards whose outcomes come together. */
  together?: number;
  /** Of the rows of the input, those of this run. */
  range?: (index: number) => boolean;
  settled?: (index: number) => Promise<void> | void;
}

/** One run over `rows`, of which the first has the index 1. */
export async function pack(dir: string, rows: readonly Row[], options: PackOptions = {}): Promise<Packing> {
  const { order = (some) => some, together = 1, range = () => true } = options;
  const spec = specFor(dir, { tableColumns: columnsOf(rows), ...options.spec });
  const result: Packing = { known: new Map(), fetched: [], packed: [] };
  const packer = await openPacker(spec, (packed) => void result.packed.push(packed));
  let waiting: Item[] = [];
  const settle = async () => {
    for (const index of order(waiting.map((item) => item.index))) {
      const item = waiting.find((one) => one.index === index)!;
      packer.add(downloaded(packer, dir, item, rows[index - 1]!));
      await options.settled?.(index);
    }
    waiting = [];
  };
  try {
    for (const [at, row] of rows.entries()) {
      const item = itemOf(at + 1, row);
      if (!range(item.index)) continue;
      const known = await packer.take(item);
      if (known !== null) result.known.set(item.index, known);
      else {
        result.fetched.push(item.index);
        waiting.push(item);
      }
      if (waiting.length >= together * spec.shardSize) await settle();
    }
    await settle();
    await packer.end();
  } finally {
    await packer.close();
  }
  return result;
}
