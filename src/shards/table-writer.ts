import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Json } from '../core/json.ts';
import type { WrittenColumn } from './columns.ts';
import { type FileFacts, PartFile } from './part-file.ts';

/** Rows are encoded in groups of so many, or of so many bytes: what is in memory at a time, and how long nothing else runs. */
const groupRows = 2000;
const groupBytes = 8 * 1024 * 1024;

const root = (columns: number) => ({ name: 'schema', num_children: columns });

/** A Parquet file that is written row by row. The same rows give the same bytes. */
export class TableWriter {
  readonly #part: PartFile;
  readonly #bytes: PartWriter;
  readonly #writer: ParquetWriter;
  readonly #columns: readonly WrittenColumn[];
  #group: unknown[][];
  #groupRows = 0;
  #groupBytes = 0;

  constructor(file: string, columns: readonly WrittenColumn[]) {
    this.#columns = columns;
    this.#group = columns.map(() => []);
    this.#part = new PartFile(file);
    this.#bytes = new PartWriter(this.#part);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [root(columns.length), ...columns.map(({ element }) => element)],
      createdBy: 'gallop',
    });
  }

  /** The caller waits for the promise, if there is one, before it writes the next. */
  write(row: Record<string, Json | Uint8Array>): Promise<void> | undefined {
    for (const [at, { name, convert }] of this.#columns.entries()) {
      const value = Object.hasOwn(row, name) ? row[name] : null;
      if (value instanceof Uint8Array) this.#groupBytes += value.length;
      this.#group[at]!.push(convert(value));
    }
    this.#groupRows += 1;
    return this.#groupRows >= groupRows || this.#groupBytes >= groupBytes ? this.#flush() : undefined;
  }

  async finish(sync: boolean): Promise<FileFacts> {
    await this.#flush();
    await this.#writer.finish();
    return this.#part.finish(sync);
  }

  close(): void {
    this.#part.close();
  }

  async #flush(): Promise<void> {
    if (this.#groupRows === 0) return;
    const columnData = this.#columns.map(({ name, element }, at) => {
      const data = this.#group[at]!;
      // Pictures are compressed already, and no two are the same.
      const isPicture = element.type === 'BYTE_ARRAY' && element.converted_type === undefined;
      return isPicture
        ? { name, data, codec: 'UNCOMPRESSED' as const, encoding: 'PLAIN' as const, statistics: false }
        : { name, data };
    });
    const rowGroupSize = this.#groupRows;
    this.#group = this.#columns.map(() => []);
    this.#groupRows = 0;
    this.#groupBytes = 0;
    await this.#writer.write({ columnData, rowGroupSize });
  }
}

/** What the library writes goes on into a file: pages as they are, what is smaller by way of a buffer. */
class PartWriter extends ByteWriter {
  readonly #part: PartFile;

  constructor(part: PartFile) {
    super();
    this.#part = part;
  }

  override appendBytes(bytes: Uint8Array): void {
    this.flush();
    this.#part.append(bytes);
    this.offset += bytes.length;
  }

  flush(): void {
    if (this.index > 0) this.#part.append(new Uint8Array(this.buffer, 0, this.index));
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}
