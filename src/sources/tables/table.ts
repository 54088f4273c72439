import type { Json } from '../../core/item.ts';
import type { ItemNote } from '../../core/item-note.ts';
import type { TableColumn } from '../../core/table-columns.ts';

/** A row, or what is wrong with it. */
export type TableRow =
  | { number: number; values: Record<string, Json>; note?: ItemNote | null }
  /** `text`: as much of the row as could be read, to be shown. */
  | { number: number; problem: string; text: string };

/** Rows as many at once as come together. Throws a ListingError, or an error of the file, where it cannot be read on. */
export type Rows = AsyncIterable<TableRow[]>;

/** One open table, whatever its format. */
export interface Table {
  /** In their order, each once; where every row has names of its own, those of the first rows. */
  readonly columns: readonly string[];
  /** Rows may have columns that are not among these, and lack some. */
  readonly isOpen?: true;
  /** Columns that are kept only where they are named: of bytes, which are texts where they are UTF-8, else Base64. */
  readonly unusual?: readonly string[];
  /**
   * The columns of all rows with their types, to be asked for before the rows are. To know them a text whose rows name their own columns is read
   * from its beginning to its end; from a pipe, which is read once, it has those of its first row, as texts.
   */
  dataColumns(): Promise<readonly TableColumn[]>;
  /** What is counted, from 1, by the `number` of a row. */
  readonly unit: 'line' | 'row';
  /** The values of some columns, or of all that a row has. May be called once. */
  rows(wanted: readonly string[] | null): Rows;
  /** Lets go of the file; also where no row was asked for, or not all. */
  close(): Promise<void>;
}

/** Characters of a row of a text; one that is longer is one bad row. */
export const longestRow = 1024 * 1024;

/** Setting it by name would set something else than a property. */
export const unusableName = '__proto__';
