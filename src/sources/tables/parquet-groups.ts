import type { Compressors, DecodedArray, ParquetParsers } from 'hyparquet';
import {
  type ColumnMetaData,
  type FileMetaData,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { assembleNested } from 'hyparquet/src/assemble.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { GallopError, ListingError, thrownText } from '../../core/errors.ts';
import type { Json } from '../../core/item.ts';
import { formatBytes } from '../../core/units.ts';
import { plainJson } from './json-values.ts';
import { compressorsFor } from './parquet-codecs.ts';
import { ColumnReader, type PageMemory } from './parquet-column.ts';
import type { ParquetFile } from './parquet-file.ts';
import { ColumnPages } from './parquet-pages.ts';
import { timeParsers } from './parquet-times.ts';

/** The values of some rows, column by column in the order that was asked for; undefined where one is nested too deep. */
export type RowBatch = (Json | undefined)[][];

/** Of the pages of all columns that are read at once, unpacked. Writers make pages of a megabyte, or one of a group. */
const mostBytesOfPages = 512 * 1024 ** 2;
const mostRowsOfBatch = 1000;
const bytesOfBatch = 4 * 1024 ** 2;
/** Of the column that has the most. */
const valuesOfBatch = 100_000;

/** The rows of a file, from the first to the last. Throws with the first that cannot be read, and which column it is. */
export async function* batchesOf(
  file: ParquetFile,
  metadata: FileMetaData,
  columns: readonly string[],
  name: string,
): AsyncGenerator<RowBatch> {
  const reading: Reading = {
    file,
    schema: parquetSchema(metadata),
    compressors: await compressorsFor(codecsOf(metadata)),
    parsers: { ...DEFAULT_PARSERS, ...timeParsers },
  };
  for (const group of metadata.row_groups) {
    const memory = pageMemory(name);
    const readers = columns.map((column) => openColumn(reading, group, column, memory));
    const batch = rowsOfBatch(group, columns);
    for (let left = Number(group.num_rows); left > 0; left -= batch) {
      const values: RowBatch = [];
      for (const take of readers)
        values.push(Array.from<unknown, Json | undefined>(await take(Math.min(left, batch)), asJson));
      yield values;
    }
  }
}

interface Reading {
  file: ParquetFile;
  schema: SchemaTree;
  compressors: Compressors;
  parsers: ParquetParsers;
}

/** Fewer where rows are long. */
function rowsOfBatch(group: RowGroup, columns: readonly string[]): number {
  const rows = Number(group.num_rows);
  const parts = partsOf(group, columns);
  const bytes = parts.reduce((sum, part) => sum + Number(part.total_uncompressed_size), 0);
  // Of lists there may be many in few bytes.
  const values = Math.max(...parts.map((part) => Number(part.num_values)));
  const fitting = Math.min((bytesOfBatch * rows) / bytes, (valuesOfBatch * rows) / values, mostRowsOfBatch);
  return Math.max(1, Math.floor(fitting) || 0);
}

/** Where the values of some columns stand. Those that have columns in them stand in several places. */
const partsOf = (group: RowGroup, columns: readonly string[]) =>
  group.columns
    .map(({ meta_data: part }) => part)
    .filter((part) => part !== undefined && columns.includes(part.path_in_schema[0] ?? ''))
    .filter((part) => part !== undefined);

/** A column of a group; takes the next rows of it. Throws what is wrong with which column. */
function openColumn(
  reading: Reading,
  group: RowGroup,
  column: string,
  memory: PageMemory,
): (rows: number) => Promise<DecodedArray> {
  const field = reading.schema.children.find(({ element }) => element.name === column);
  if (field === undefined) throw new Error(`'${column}' is not there`);
  const parts = partsOf(group, [column]).map((part) => {
    const path = part.path_in_schema.join('.');
    return { path, reader: named(path, () => openPart(reading, part, memory)) };
  });
  return async (rows) => {
    const taken = new Map<string, DecodedArray>();
    for (const { path, reader } of parts) {
      const values = reader.take(rows).catch((error) => {
        throw columnError(path, error);
      });
      taken.set(path, await values);
    }
    return named(column, () => {
      if (field.children.length > 0) assembleNested(taken, field, reading.parsers);
      const values = taken.get(column);
      if (values?.length !== rows) throw new Error(`it has ${values?.length ?? 0} of ${rows} rows`);
      return values;
    });
  };
}

function openPart({ file, schema, compressors, parsers }: Reading, part: ColumnMetaData, memory: PageMemory) {
  const { path_in_schema: pathInSchema } = part;
  const schemaPath = getTreePath(schema, pathInSchema);
  const { element } = schemaPath.at(-1)!;
  const decoder = { ...part, pathInSchema, schemaPath, element, parsers, compressors, utf8: false };
  return new ColumnReader(new ColumnPages(file, part), decoder, memory);
}

function named<T>(column: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw columnError(column, error);
  }
}

/** What is wrong with a column, told with its name. */
function columnError(column: string, error: unknown): Error {
  if (error instanceof GallopError) return error;
  const message = `a page of '${column}' cannot be right: ${thrownText(error)}`;
  // Names and values of a file may be in it.
  return new Error(message.replaceAll(/\p{Control}+/gu, ' '), { cause: error });
}

/** Of one group. */
function pageMemory(name: string): PageMemory {
  let held = 0;
  return {
    take(bytes) {
      held += bytes;
      if (held <= mostBytesOfPages) return;
      throw new ListingError(`${name} has pages too large to be read, together ${formatBytes(held)}`, {
        code: 'bad-file',
        hint: `name fewer columns with --columns, or write it with row groups below ${formatBytes(mostBytesOfPages)}`,
      });
    },
    free(bytes) {
      held -= bytes;
    },
  };
}

const codecsOf = ({ row_groups: groups }: FileMetaData) =>
  new Set(groups.flatMap(({ columns }) => columns.flatMap(({ meta_data: part }) => part?.codec ?? [])));

const asJson = (value: unknown) => (value instanceof Uint8Array ? textOrBase64(value) : plainJson(value));

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes that were asked for by name. Many programs write texts without saying that they are. */
function textOrBase64(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}
