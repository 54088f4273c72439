import type { Expectation, Item, Json, Row } from '../../core/item.ts';
import type { DigestName } from '../../core/stage.ts';
import type { TableColumn } from '../../core/table-columns.ts';
import { type Entry, EntryReader } from '../entries.ts';
import type { InputFile } from '../input-files.ts';
import { badFile } from '../input-stream.ts';
import type { SourceContext } from '../source.ts';
import { type ChosenColumns, chooseColumns } from './columns.ts';
import { openTable } from './open-table.ts';
import type { Table, TableRow } from './table.ts';

/**
 * One item a row, streamed, in the table's order. A row without an address, or one that cannot be read, is one item
 * with a `failure`. `file` is the name in messages where there are several.
 * Throws a UsageError where the table has not the columns that the run speaks of.
 */
export async function* itemsOfTable(
  input: InputFile,
  context: SourceContext,
  file: string | null = null,
): AsyncGenerator<Item> {
  const table = await openTable(input, context);
  if (table === null) return;
  const reader = new EntryReader(context, { unit: table.unit, file });
  let last = 0;
  try {
    const columns = chooseColumns(table, context.spec, input.name);
    // Of what can be read again, that was told before.
    if (!input.isRegular) context.tellColumns(await packedColumns(table, columns, context));
    tellOfUnusual(table.unusual ?? [], columns, input.name, context);
    for await (const rows of table.rows(columns.wanted)) {
      for (const row of rows) {
        last = row.number;
        const found = reader.read(entryOf(row, columns));
        if ('key' in found) yield found;
        else yield* found;
      }
    }
  } catch (error) {
    throw badFile(error, input.name, `past ${table.unit} ${last}`);
  } finally {
    await table.close();
  }
}

/**
 * Throws what would be thrown when the table is read: a file that is none, a column that is not there. Resolves with the columns
 * that its items' rows have, where they are to be packed.
 */
export async function checkTable(input: InputFile, context: SourceContext): Promise<readonly TableColumn[]> {
  const table = await openTable(input, context);
  if (table === null) return [];
  try {
    return await packedColumns(table, chooseColumns(table, context.spec, input.name), context);
  } catch (error) {
    throw badFile(error, input.name, 'to its end');
  } finally {
    await table.close();
  }
}

async function packedColumns(
  table: Table,
  { url, kept }: ChosenColumns,
  { spec }: SourceContext,
): Promise<readonly TableColumn[]> {
  if (spec.output === null) return [];
  const all = await table.dataColumns();
  const columns = all.filter(({ name }) => (kept === null ? name !== url : kept.has(name)));
  const known = new Set(columns.map(({ name }) => name));
  // What is named, and not in a row that was looked at.
  for (const name of kept ?? []) if (!known.has(name)) columns.push({ name, type: 'text' });
  return columns;
}

function tellOfUnusual(
  unusual: readonly string[],
  { wanted }: ChosenColumns,
  name: string,
  context: SourceContext,
): void {
  const left = unusual.filter((column) => !wanted?.includes(column));
  if (left.length === 0) return;
  const text = `${name}: left out what is bytes and no text, ${left.slice(0, 10).join(', ')}; --columns can name it`;
  context.note('info', text);
}

function entryOf(row: TableRow, columns: ChosenColumns): Entry {
  const { number } = row;
  if ('problem' in row) return { number, text: row.text, problem: row.problem, badRow: true };
  const { values, note = null } = row;
  const { url, digest } = columns;
  const address = values[url];
  const entry: Entry = {
    number,
    text: typeof address === 'string' ? address : '',
    note,
    row: rowOf(values, columns),
  };
  if (entry.text.trim() === '') {
    const isOther =
      typeof address === 'number' || typeof address === 'boolean' || typeof address === 'object';
    const what = isOther && address !== null ? 'what is no text' : 'no address';
    return { ...entry, problem: `${what} in the column '${url}'` };
  }
  if (digest === null) return entry;
  const expect = expectationOf(values[digest.column], digest.digest);
  return typeof expect === 'string'
    ? { ...entry, problem: `${expect} in the column '${digest.column}'`, badRow: true }
    : { ...entry, expect };
}

function rowOf(values: Record<string, Json>, { url, caption, kept }: ChosenColumns): Row {
  const columns: Record<string, Json> = {};
  for (const name in values) {
    if (kept === null ? name !== url : kept.has(name)) columns[name] = values[name]!;
  }
  const text = caption === null ? undefined : captionOf(values[caption]);
  return text === undefined ? { columns } : { caption: text, columns };
}

function captionOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const digits: Record<DigestName, number> = { sha256: 64, sha1: 40, md5: 32 };

/** A text says what is wrong. A row may do without a digest. */
function expectationOf(value: Json | undefined, digest: DigestName): Expectation | string {
  if (value === undefined || value === null || value === '') return {};
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const isDigest = text.length === digits[digest] && /^[0-9a-f]+$/.test(text);
  return isDigest ? { [digest]: text } : `not the ${digits[digest]} hex digits of a ${digest}`;
}
