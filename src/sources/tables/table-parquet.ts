import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData, SchemaTree } from 'hyparquet';
import { InterruptedError, ListingError, UsageError } from '../../core/errors.ts';
import type { Json } from '../../core/item.ts';
import { formatBytes } from '../../core/units.ts';
import type { InputFile } from '../input-files.ts';
import type { SourceContext } from '../source.ts';
import { plainJson } from './json-values.ts';
import { checkPages } from './parquet-pages.ts';
import { timeParsers } from './parquet-times.ts';
import { type Rows, type Table, type TableRow, unusableName } from './table.ts';

/**
 * Of the columns that are read. A row group is held whole, at about seven times what it has of texts: read in parts,
 * each part would decode again what does not begin with a page of its own, and many writers make one page of it all.
 */
const mostBytesOfRowGroup = 512 * 1024 ** 2;
const rowsOfBatch = 1000;

/** A Parquet file. Of one row group at a time the columns that are wanted are in memory. */
export async function openParquet(input: InputFile, context: SourceContext): Promise<Table> {
  if (!input.isRegular) {
    const place = input.path === '-' ? 'standard input' : 'a pipe';
    throw new UsageError(`a Parquet file cannot be read from ${place}`, {
      hint: 'what it holds is said at its end: save it as a file, and give its name to -i',
    });
  }
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const handle = await open(input.path);
  try {
    const file = await fileBuffer(handle);
    await checkMagic(file, input.name);
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const fields = parquetSchema(metadata).children.filter(({ element }) => element.name !== unusableName);
    const nameOf = ({ element }: SchemaTree) => element.name;
    const columns = fields.filter((field) => !isOfBytes(field)).map(nameOf);
    return {
      columns,
      unusual: fields.filter(isOfBytes).map(nameOf),
      unit: 'row',
      rows: (wanted) =>
        rowsOf(file, metadata, wanted ?? columns, { name: input.name, signal: context.signal }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes that nobody says to be text, and what hyparquet does not decode. */
function isOfBytes({ element, children }: SchemaTree): boolean {
  if (children.length > 0) return false;
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'BSON' || converted === 'INTERVAL') return true;
  const isBinary = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
  return isBinary && converted === undefined && logical === undefined;
}

async function fileBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new Error('it became shorter while it was read');
        filled += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

/** A name says little; the first and the last four bytes say more, and a file that is cut off lacks the last. */
async function checkMagic(file: AsyncBuffer, name: string): Promise<void> {
  const isThere = async (at: number) =>
    Buffer.from(await file.slice(at, at + 4)).toString('latin1') === 'PAR1';
  const isParquet = file.byteLength >= 12 && (await isThere(0));
  if (isParquet && (await isThere(file.byteLength - 4))) return;
  throw new ListingError(
    isParquet ? `${name} is a Parquet file without its end` : `${name} is not a Parquet file`,
    {
      code: 'bad-file',
      hint: isParquet ? 'it is cut off or damaged' : 'see --input-format; gunzip it first if it is gzipped',
    },
  );
}

async function* rowsOf(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  { name, signal }: { name: string; signal: AbortSignal },
): Rows & AsyncGenerator<TableRow[]> {
  checkRowGroups(metadata, columns, name);
  const reading = { file, metadata, columns, compressors: await compressorsOf(metadata), signal };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    if (rowEnd > rowStart) {
      await checkPages(file, group, columns, mostBytesOfRowGroup);
      yield* batches(columns, await columnsOf(reading, rowStart, rowEnd), rowStart, rowEnd);
    }
    rowStart = rowEnd;
  }
}

interface Reading {
  file: AsyncBuffer;
  metadata: FileMetaData;
  columns: readonly string[];
  compressors: Compressors;
  signal: AbortSignal;
}

/** The values of one row group, column by column. A scan remembers what it read: each group has one of its own. */
async function columnsOf(
  { file, metadata, columns, compressors, signal }: Reading,
  rowStart: number,
  rowEnd: number,
): Promise<DecodedArray[]> {
  const { parquetScan } = await import('hyparquet');
  const encoding = { utf8: false, geoparquet: false, parsers: timeParsers, compressors };
  const range = { rowStart, rowEnd };
  const scan = await parquetScan({ file, metadata, columns: [...columns], ...range, ...encoding });
  const data: DecodedArray[] = [];
  for (const column of columns) {
    if (signal.aborted) throw new InterruptedError();
    const values = await scan.readColumn({ column, ...range });
    // A file may promise more rows than it has.
    if (values.length !== rowEnd - rowStart) {
      throw new Error(`'${column}' has ${values.length} of ${rowEnd - rowStart} rows`);
    }
    data.push(values);
  }
  return data;
}

function* batches(columns: readonly string[], data: DecodedArray[], rowStart: number, rowEnd: number) {
  for (let from = rowStart; from < rowEnd; from += rowsOfBatch) {
    const batch: TableRow[] = [];
    for (let row = from; row < Math.min(from + rowsOfBatch, rowEnd); row += 1) {
      batch.push(rowAt(columns, data, row - rowStart, row + 1));
    }
    yield batch;
  }
}

function rowAt(columns: readonly string[], data: DecodedArray[], at: number, number: number): TableRow {
  const values: Record<string, Json> = {};
  for (const [place, name] of columns.entries()) {
    const found: unknown = data[place]![at];
    const value = found instanceof Uint8Array ? textOrBase64(found) : plainJson(found);
    if (value === undefined) return { number, problem: `'${name}' is nested too deep`, text: '' };
    values[name] = value;
  }
  return { number, values };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes that were asked for by name. Many programs write texts without saying that they are. */
function textOrBase64(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}

function checkRowGroups(metadata: FileMetaData, wanted: readonly string[], name: string): void {
  const isWanted = new Set(wanted);
  for (const [at, group] of metadata.row_groups.entries()) {
    const bytes = group.columns
      .map(({ meta_data: column }) => column)
      .filter((column) => isWanted.has(column?.path_in_schema[0] ?? ''))
      .reduce((sum, column) => sum + Number(column?.total_uncompressed_size ?? 0), 0);
    if (bytes <= mostBytesOfRowGroup) continue;
    throw new ListingError(`${name}: row group ${at + 1} is too large to be read, ${formatBytes(bytes)}`, {
      code: 'bad-file',
      hint: `name fewer columns with --columns, or write it with row groups below ${formatBytes(mostBytesOfRowGroup)}`,
    });
  }
}

/** Node's own where it has them; the others are loaded when a file needs them. Snappy's decompressor is hyparquet's. */
async function compressorsOf(metadata: FileMetaData): Promise<Compressors> {
  const codecs = new Set(
    metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data: column }) => column?.codec)),
  );
  const others = [...codecs].some((codec) => codec?.startsWith('LZ4') || codec === 'SNAPPY')
    ? (await import('hyparquet-compressors')).compressors
    : {};
  const zlib = await import('node:zlib');
  return {
    ...others,
    GZIP: (bytes, length) => zlib.gunzipSync(bytes, { maxOutputLength: length }),
    ZSTD: (bytes, length) => zlib.zstdDecompressSync(bytes, { maxOutputLength: length }),
    BROTLI: (bytes, length) => zlib.brotliDecompressSync(bytes, { maxOutputLength: length }),
  };
}
