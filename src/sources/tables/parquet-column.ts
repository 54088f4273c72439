import type { DecodedArray } from 'hyparquet';
import { assembleLists } from 'hyparquet/src/assemble.js';
import { getMaxDefinitionLevel, isFlatColumn } from 'hyparquet/src/schema.js';
import { type DataPage, openDataPage, unpack } from './parquet-page.ts';
import type { ColumnPages, PackedPage } from './parquet-pages.ts';
import { type ColumnDecoder, dictionaryOf, mostOfTake } from './parquet-values.ts';

/** What pages may have in memory together, in all columns that are read. */
export interface PageMemory {
  /** Throws where it is too much. */
  take(bytes: number): void;
  free(bytes: number): void;
}

/** Of one go. What asks for so much memory at once that a thread has not so much ends the process. */
const mostEntriesOfTake = 1024 ** 2;

/**
 * The values of one column of a row group without columns in it, row by row. Of it one page and the dictionary are in
 * memory. A row of a list may go on in the next page.
 */
export class ColumnReader {
  readonly #pages: ColumnPages;
  readonly #column: ColumnDecoder;
  readonly #memory: PageMemory;
  readonly #isFlat: boolean;
  readonly #fullDefinition: number;
  #dictionary: DecodedArray | undefined;
  #page: DataPage | null = null;
  #pageBytes = 0;
  /** Entries that are not taken from the page. */
  #left = 0;
  /** Of the next entry, which was looked at to see whether a row begins. */
  #repetition = 0;

  constructor(pages: ColumnPages, column: ColumnDecoder, memory: PageMemory) {
    this.#pages = pages;
    this.#column = column;
    this.#memory = memory;
    this.#isFlat = isFlatColumn(column.schemaPath);
    this.#fullDefinition = getMaxDefinitionLevel(column.schemaPath);
  }

  /** The next rows. Throws where the file has not so many, or where they cannot be read. */
  async take(rows: number): Promise<DecodedArray> {
    const taken: Taken = { rows: 0, definitions: [], repetitions: [], values: [], size: 0 };
    for (;;) {
      if (this.#left === 0) {
        if (this.#isFlat && taken.rows === rows) break;
        if (!(await this.#openNext())) break;
      }
      if (this.#takeOfPage(taken, rows)) break;
    }
    if (taken.rows < rows) throw new RangeError('its pages end too early');
    return this.#assemble(taken);
  }

  /** Whether all rows are there. Another may begin with the next page, and the last one may go on there. */
  #takeOfPage(taken: Taken, rows: number): boolean {
    const page = this.#page!;
    if (taken.rows === 0 && this.#repetition > 0) throw new RangeError('a row goes on that was never begun');
    let present = 0;
    let isFull = false;
    while (this.#left > 0) {
      if (this.#repetition === 0) {
        if (taken.rows === rows) {
          isFull = true;
          break;
        }
        taken.rows += 1;
      }
      if (taken.definitions.length >= mostEntriesOfTake) throw tooLong(taken);
      const definition = page.nextDefinition();
      if (definition === this.#fullDefinition) present += 1;
      taken.definitions.push(definition);
      if (!this.#isFlat) taken.repetitions.push(this.#repetition);
      this.#left -= 1;
      if (this.#left > 0) this.#repetition = page.nextRepetition();
    }
    for (const value of page.takeValues(present)) {
      taken.values.push(value);
      taken.size += typeof value === 'string' || value instanceof Uint8Array ? value.length : 1;
    }
    // A few bytes can say that a long text stands in every row.
    if (taken.size > mostOfTake) throw tooLong(taken);
    return isFull;
  }

  #assemble({ definitions, repetitions, values }: Taken): DecodedArray {
    // Nothing is null, and nothing is a list.
    if (this.#isFlat && values.length === definitions.length) return values;
    return assembleLists([], definitions, repetitions, values, this.#column.schemaPath);
  }

  /** False where there is none. */
  async #openNext(): Promise<boolean> {
    for (;;) {
      const packed = await this.#pages.next();
      if (packed === null) return false;
      if (packed.header.type === 'DICTIONARY_PAGE') {
        this.#dictionary = this.#openDictionary(packed);
        continue;
      }
      this.#memory.free(this.#pageBytes);
      this.#page = null;
      this.#pageBytes = packed.header.uncompressed_page_size;
      this.#memory.take(this.#pageBytes);
      this.#page = openDataPage(packed, this.#column, this.#dictionary);
      this.#left = this.#page.entries;
      if (this.#left === 0) continue;
      this.#repetition = this.#page.nextRepetition();
      return true;
    }
  }

  #openDictionary({ header, body }: PackedPage): DecodedArray {
    const count = header.dictionary_page_header?.num_values ?? 0;
    const size = header.uncompressed_page_size;
    // As texts they take more than as bytes.
    this.#memory.take(2 * size + 32 * count);
    return dictionaryOf(unpack(body, size, this.#column), count, this.#column);
  }
}

const tooLong = ({ rows }: Taken) =>
  new RangeError(rows === 1 ? 'a row of it is too long' : `${rows} rows of it are too long`);

/** Entries of rows, and the values of those that have one. */
interface Taken {
  rows: number;
  definitions: number[];
  repetitions: number[];
  values: unknown[];
  /** Of its texts, together. */
  size: number;
}
