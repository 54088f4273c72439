import type { SchemaTree } from 'hyparquet';
import { ListingError, UsageError } from '../../core/errors.ts';
import type { Json } from '../../core/item.ts';
import type { InputFile } from '../input-files.ts';
import type { SourceContext } from '../source.ts';
import { ParquetFile } from './parquet-file.ts';
import type { RowBatch } from './parquet-groups.ts';
import { batchesOfThread } from './parquet-thread.ts';
import { typeOfField } from './parquet-types.ts';
import { type Rows, type Table, type TableRow, unusableName } from './table.ts';

/** A Parquet file. Of each column that is wanted one page at a time is in memory, in a thread that decodes it. */
export async function openParquet(input: InputFile, context: SourceContext): Promise<Table> {
  if (!input.isRegular) {
    const place = input.path === '-' ? 'standard input' : 'a pipe';
    throw new UsageError(`a Parquet file cannot be read from ${place}`, {
      hint: 'what it holds is said at its end: save it as a file, and give its name to -i',
    });
  }
  const { parquetSchema } = await import('hyparquet');
  const file = await ParquetFile.open(input.path);
  try {
    await checkMagic(file, input.name);
    const metadata = await file.metadata();
    const fields = parquetSchema(metadata).children.filter(({ element }) => element.name !== unusableName);
    const nameOf = ({ element }: SchemaTree) => element.name;
    const columns = fields.filter((field) => !isOfBytes(field)).map(nameOf);
    return {
      columns,
      unusual: fields.filter(isOfBytes).map(nameOf),
      dataColumns: async () => fields.map((field) => ({ name: nameOf(field), type: typeOfField(field) })),
      unit: 'row',
      rows: (wanted) => rowsOf(input, wanted ?? columns, context.signal),
      // Its end alone was read; the rows are read by whoever decodes them.
      close: async () => {},
    };
  } finally {
    await file.close();
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

/** A name says little; the first and the last four bytes say more, and a file that is cut off lacks the last. */
async function checkMagic(file: ParquetFile, name: string): Promise<void> {
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
  input: InputFile,
  columns: readonly string[],
  signal: AbortSignal,
): Rows & AsyncGenerator<TableRow[]> {
  let number = 0;
  for await (const batch of batchesOfThread({ path: input.path, name: input.name, columns }, signal)) {
    const rows = Array.from(batch[0]!, (_, at) => rowAt(columns, batch, at, number + at + 1));
    number += rows.length;
    yield rows;
  }
}

function rowAt(columns: readonly string[], batch: RowBatch, at: number, number: number): TableRow {
  const values: Record<string, Json> = {};
  for (const [place, name] of columns.entries()) {
    const value = batch[place]![at];
    if (value === undefined) return { number, problem: `'${name}' is nested too deep`, text: '' };
    values[name] = value;
  }
  return { number, values };
}
