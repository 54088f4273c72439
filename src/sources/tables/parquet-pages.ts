import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { ParquetFile } from './parquet-file.ts';

/** A page as it stands in the file. */
export interface PackedPage {
  header: PageHeader;
  body: Uint8Array;
}

/** Bytes that are read at once, where a page has not more. */
const bytesOfWindow = 256 * 1024;
/** Enough for most headers. They may have the smallest and the largest value of their page in them. */
const bytesOfFirstTry = 4096;
const mostBytesOfHeader = 16 * 1024 ** 2;

/** Runs can promise billions in a few bytes. */
const mostValuesOfPage = 32 * 1024 ** 2;

/**
 * The pages of one column of a row group, one after the other, its dictionary before its data. Throws where a header
 * cannot be right: what it says is believed by those who decode.
 */
export class ColumnPages {
  readonly #file: ParquetFile;
  readonly #end: number;
  #at: number;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array();
  #windowStart = 0;
  /** Values that are not read yet. */
  #valuesLeft: number;

  constructor(file: ParquetFile, column: ColumnMetaData) {
    const {
      dictionary_page_offset: dictionary,
      data_page_offset: data,
      total_compressed_size: size,
    } = column;
    this.#file = file;
    this.#at = Number(dictionary || data);
    this.#end = this.#at + Number(size);
    this.#valuesLeft = Number(column.num_values);
    const isInside = this.#at >= 0 && Number(size) >= 0 && this.#end <= file.byteLength;
    if (!isInside) throw new RangeError('it lies outside the file');
  }

  /** Null behind the last. */
  async next(): Promise<PackedPage | null> {
    // Some writers count a byte too many.
    if (this.#at >= this.#end - 1) return null;
    const header = await this.#header();
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
    if (!isCount(packed, this.#end - this.#at) || !isCount(unpacked, Infinity)) {
      throw new RangeError('it has no right size');
    }
    const { num_values: values = -1 } =
      header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header ?? {};
    // Every value of a dictionary has a byte.
    const isDictionary = header.dictionary_page_header !== undefined;
    const most = Math.min(isDictionary ? unpacked : this.#valuesLeft, mostValuesOfPage);
    if (!isCount(values, most)) {
      throw new RangeError('it cannot have so many values');
    }
    if (!isDictionary) this.#valuesLeft -= values;
    const body = await this.#read(packed);
    this.#at += packed;
    return { header, body };
  }

  async #header(): Promise<PageHeader> {
    const most = Math.min(this.#end - this.#at, mostBytesOfHeader);
    for (let length = Math.min(bytesOfFirstTry, most); ; length = Math.min(length * 16, most)) {
      const bytes = await this.#read(length);
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, length), offset: 0 };
      try {
        const header = parquetHeader(reader);
        this.#at += reader.offset;
        return header;
      } catch (error) {
        if (length === most) throw error;
      }
    }
  }

  /** What stands next. */
  async #read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const from = this.#at - this.#windowStart;
    if (from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    const end = Math.min(this.#at + Math.max(length, bytesOfWindow), this.#end);
    this.#window = new Uint8Array(await this.#file.slice(this.#at, end));
    this.#windowStart = this.#at;
    return this.#window.subarray(0, length);
  }
}

const isCount = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
