import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { memberPlaceholder } from '../core/target.ts';

export type OutputKind = NonNullable<RunSpec['output']>;

/** What is not finished lies here, on the file system of the shards, and with it the pictures that wait to be packed. */
export const shardsDirectory = '.gallop/shards';

const shardDigits = 5;

/**
 * Where each row of a data set has its place: shards of `shardSize` rows, and keys as img2dataset makes them
 * (`compute_key`): the number of the shard, then the place in it, each with its zeros. `index` counts from 1, shards and places from 0.
 */
export class ShardLayout {
  readonly output: OutputKind;
  readonly shardSize: number;
  readonly #placeDigits: number;

  constructor(output: OutputKind, shardSize: number) {
    this.output = output;
    this.shardSize = shardSize;
    this.#placeDigits = shardSize === 1 ? 0 : String(shardSize - 1).length;
  }

  shardOf(index: number): number {
    return Math.floor((index - 1) / this.shardSize);
  }

  placeOf(index: number): number {
    return (index - 1) % this.shardSize;
  }

  indexOf(shard: number, place: number): number {
    return shard * this.shardSize + place + 1;
  }

  name(shard: number): string {
    return String(shard).padStart(shardDigits, '0');
  }

  key(index: number): string {
    const place = this.#placeDigits === 0 ? '' : String(this.placeOf(index)).padStart(this.#placeDigits, '0');
    return this.name(this.shardOf(index)) + place;
  }

  /** The place of a row, of its key; null where no row of that shard has it. */
  placeOfKey(shard: number, key: unknown): number | null {
    const name = this.name(shard);
    if (typeof key !== 'string' || !key.startsWith(name)) return null;
    const digits = key.slice(name.length);
    const place = digits === '' ? 0 : /^\d+$/.test(digits) ? Number(digits) : -1;
    return place >= 0 && place < this.shardSize && this.key(this.indexOf(shard, place)) === key
      ? place
      : null;
  }

  /** Where the pictures of a shard are downloaded to, relative to the destination. */
  folder(shard: number): string {
    return this.output === 'files' ? this.name(shard) : `${shardsDirectory}/${this.name(shard)}`;
  }

  /** The target of an item's download: see `Work.target`. */
  target({ index }: Pick<Item, 'index'>): string {
    return `${this.folder(this.shardOf(index))}/${this.key(index)}.${memberPlaceholder}`;
  }

  /** Where people find an item: its picture, or its shard and its key in it, under which a tar has more than the picture. */
  placeFor({ index }: Pick<Item, 'index'>): string {
    const shard = this.shardOf(index);
    if (this.output === 'files') return `${this.folder(shard)}/${this.key(index)}.{ext}`;
    return `${this.files(shard)[0]}/${this.key(index)}`;
  }

  /** The files of a finished shard but its statistics, relative to the destination; the one with the rows last. */
  files(shard: number): string[] {
    const table = `${this.name(shard)}.parquet`;
    return this.output === 'webdataset' ? [`${this.name(shard)}.tar`, table] : [table];
  }

  tableFile(shard: number): string {
    return `${this.name(shard)}.parquet`;
  }

  statsFile(shard: number): string {
    return `${this.name(shard)}_stats.json`;
  }
}
