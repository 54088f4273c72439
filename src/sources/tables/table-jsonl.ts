import { ListingError, UsageError } from '../../core/errors.ts';
import type { Json } from '../../core/item.ts';
import { noteFrom } from '../../core/item-note.ts';
import { type TableColumn, TableColumns, typeOfValue } from '../../core/table-columns.ts';
import type { InputFile } from '../input-files.ts';
import { checkText, openStream } from '../input-stream.ts';
import type { SourceContext } from '../source.ts';
import { type Line, textLines } from '../text-lines.ts';
import { parseWide, plainJson } from './json-values.ts';
import { longestRow, type Table, type TableRow, unusableName } from './table.ts';

/** Rows at the start that say which columns there are. Where not one of them is good, it is something else. */
const rowsOfSample = 100;

/** Where each row has others, they are no columns. */
const mostColumns = 10_000;

/** Beside the columns stands what `--failed` wrote of an item. */
const notColumns = new Set(['#item', '#failed', unusableName]);

/** One JSON object a line. Null where there is none. */
export async function openJsonl(input: InputFile, context: SourceContext): Promise<Table | null> {
  const rows = jsonRows(input, context);
  const first: TableRow[] = [];
  const isEnough = () => first.some((row) => 'values' in row) && !input.isRegular;
  // A pipe may not have so many for a long time: its first row is to do.
  while (first.length < rowsOfSample && !isEnough()) {
    const { value, done } = await rows.next();
    if (done) break;
    first.push(...value);
  }
  if (first.length === 0) return null;
  if (!first.some((row) => 'values' in row)) {
    await rows.return(undefined);
    throw notJsonLines(input.name, first[0]!);
  }
  const columns = new Set(first.flatMap((row) => ('values' in row ? Object.keys(row.values) : [])));
  return {
    columns: [...columns],
    isOpen: true,
    dataColumns: async () => (input.isRegular ? await columnsOfAll(input, context) : columnsOfFirst(first)),
    unit: 'line',
    async *rows(wanted) {
      const chosen = (row: TableRow): TableRow =>
        wanted === null || 'problem' in row ? row : { ...row, values: pick(row.values, wanted) };
      yield first.map(chosen);
      for await (const some of rows) yield some.map(chosen);
    },
    close: async () => void (await rows.return(undefined)),
  };
}

/** Of every row, with the types that hold all values of each. Reads the file once more. */
async function columnsOfAll(input: InputFile, context: SourceContext): Promise<readonly TableColumn[]> {
  const columns = new TableColumns();
  for await (const _ of jsonRows(input, context, columns)) {
    if (columns.size <= mostColumns) continue;
    throw new UsageError(
      `the rows of ${input.name} have more than ${mostColumns} columns of different names`,
      {
        hint: 'a data set has the same columns in every shard: put what differs from row to row into one column',
      },
    );
  }
  return columns.list;
}

/** Of what cannot be read twice: what its later rows hold is not known. */
function columnsOfFirst(rows: readonly TableRow[]): readonly TableColumn[] {
  const first = rows.find((row) => 'values' in row);
  return Object.keys(first?.values ?? {}).map((name) => ({ name, type: 'text' }));
}

function notJsonLines(name: string, row: TableRow): ListingError {
  const why = 'problem' in row ? `: line ${row.number}: ${row.problem}` : '';
  return new ListingError(`${name} is not JSON lines${why}`, {
    code: 'bad-file',
    hint: 'give a text with one JSON object a line, plain or gzipped; see --input-format',
  });
}

/** `columns` gets those of the rows that are right. */
async function* jsonRows(
  input: InputFile,
  context: SourceContext,
  columns: TableColumns | null = null,
): AsyncGenerator<TableRow[], undefined> {
  const limits = { signal: context.signal, maxLength: longestRow };
  let isFirst = true;
  for await (const lines of textLines(openStream(input, context), limits)) {
    if (isFirst) checkText(lines[0]!.text, input.name, 'JSON lines', 'see --input-format');
    isFirst = false;
    const rows = lines.map((line) => rowOf(line, columns)).filter((row) => row !== null);
    if (rows.length > 0) yield rows;
  }
}

/** Null for a line that says nothing. */
function rowOf({ number, text, cut }: Line, columns: TableColumns | null): TableRow | null {
  if (text.trim() === '') return null;
  const bad = (problem: string): TableRow => ({ number, problem, text });
  if (cut) return bad(`longer than ${longestRow} characters`);
  let parsed: unknown;
  try {
    parsed = parseWide(text);
  } catch {
    return bad('not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return bad('not a JSON object');
  }
  const values: Record<string, Json> = {};
  const seen: TableColumn[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (notColumns.has(name)) continue;
    const plain = plainJson(value);
    if (plain === undefined) return bad(`'${name.slice(0, 100)}' is nested too deep`);
    values[name.toWellFormed()] = plain;
    if (columns !== null) seen.push({ name: name.toWellFormed(), type: typeOfValue(value) });
  }
  columns?.add(seen);
  const note = '#item' in parsed ? noteFrom(plainJson(parsed['#item'])) : null;
  if (note === null)
    return Object.keys(values).length === 0 && '#failed' in parsed ? null : { number, values };
  return { number, values, note };
}

function pick(values: Record<string, Json>, wanted: readonly string[]): Record<string, Json> {
  const picked: Record<string, Json> = {};
  for (const name of wanted) if (Object.hasOwn(values, name)) picked[name] = values[name]!;
  return picked;
}
