import type { ShardLayout } from './layout.ts';
import { ownColumns, type RowValues } from './row.ts';
import { packedRows } from './table-reader.ts';

/** What is asked of a row that is packed. Its EXIF is long, and stays where it is. */
const columns = [...ownColumns.filter((name) => name !== 'exif'), 'phash', 'blurhash'];

/** The rows of a packed shard, asked for in the order of their places; a group of rows in memory at a time. */
export class OldRows {
  readonly #rows: AsyncGenerator<{ values: RowValues }>;
  readonly #layout: ShardLayout;
  readonly #shard: number;
  #next: { place: number; values: RowValues } | null = null;
  #isOver = false;

  constructor(table: string, layout: ShardLayout, shard: number) {
    this.#rows = packedRows(table, { columns });
    this.#layout = layout;
    this.#shard = shard;
  }

  /** The row at a place behind all that were asked for before; null where the shard has none. Throws a `DiskError` where it cannot be read. */
  async at(place: number): Promise<RowValues | null> {
    while (!this.#isOver && (this.#next?.place ?? -1) < place) {
      const { value, done } = await this.#rows.next();
      if (done) {
        this.#isOver = true;
        this.#next = null;
        break;
      }
      this.#next = {
        place: this.#layout.placeOfKey(this.#shard, value.values.key) ?? -1,
        values: value.values,
      };
    }
    return this.#next?.place === place ? this.#next.values : null;
  }

  async close(): Promise<void> {
    await this.#rows.return(undefined);
  }
}
