import { ListingError } from '../../core/errors.ts';
import type { Json } from '../../core/item.ts';
import { checkText, type InputStream, openStream } from '../input-stream.ts';
import type { SourceContext } from '../source.ts';
import { textLines } from '../text-lines.ts';
import { type CsvDialect, CsvReader, type CsvRecord } from './csv-records.ts';
import { longestRow, type Rows, type Table, type TableRow, unusableName } from './table.ts';

/** A CSV or TSV whose first record names its columns. Null where there is not even that. */
export async function openCsv(
  input: InputStream,
  delimiter: CsvDialect['delimiter'],
  context: SourceContext,
): Promise<Table | null> {
  const records = csvRecords(input, delimiter, context);
  const first = await records.next();
  if (first.done) return null;
  const [header, ...rest] = first.value as [CsvRecord, ...CsvRecord[]];
  if ('problem' in header) {
    await records.return(undefined);
    throw new ListingError(
      `${input.name} has no line of column names: line ${header.number}: ${header.problem}`,
      {
        code: 'bad-file',
        hint: 'its first line is to name its columns; see --input-format',
      },
    );
  }
  const names = columnNames(header.fields);
  return {
    columns: names.filter((name) => name !== unusableName),
    dataColumns: async () => names.map((name) => ({ name, type: 'text' })),
    unit: 'line',
    rows: (wanted) => rowsOf(rest, records, names, wanted),
    close: async () => void (await records.return(undefined)),
  };
}

/** Never an empty array. */
async function* csvRecords(
  input: InputStream,
  delimiter: CsvDialect['delimiter'],
  context: SourceContext,
): AsyncGenerator<CsvRecord[], undefined> {
  const reader = new CsvReader({ delimiter, quotesMayBePlain: delimiter === '\t', maxLength: longestRow });
  const limits = { signal: context.signal, maxLength: longestRow };
  let isFirst = true;
  for await (const lines of textLines(openStream(input, context), limits)) {
    if (isFirst) checkText(lines[0]!.text, input.name, 'a table of text', 'see --input-format');
    isFirst = false;
    const records = reader.read(lines);
    if (records.length > 0) yield records;
  }
  const records = reader.end();
  if (records.length > 0) yield records;
}

async function* rowsOf(
  first: CsvRecord[],
  records: AsyncIterable<CsvRecord[]>,
  names: readonly string[],
  wanted: readonly string[] | null,
): Rows & AsyncGenerator<TableRow[]> {
  const places = (wanted ?? names)
    .filter((name) => name !== unusableName)
    .map((name): [string, number] => [name, names.indexOf(name)]);
  const rowOf = (record: CsvRecord): TableRow => {
    if ('problem' in record) return record;
    const values: Record<string, Json> = {};
    for (const [name, place] of places) values[name] = record.fields[place]!;
    return { number: record.number, values };
  };
  yield first.map(rowOf);
  for await (const some of records) yield some.map(rowOf);
}

/** Each once: the second `size` becomes `size_2`; a column without a name is called by its place. */
export function columnNames(header: readonly string[]): string[] {
  const taken = new Set(header.map((name) => name.trim()));
  const seen = new Set<string>();
  const numbers = new Map<string, number>();
  return header.map((text, at) => {
    const plain = text.trim();
    const name = plain === '' ? `column_${at + 1}` : plain;
    if (!seen.has(name) && (plain !== '' || !taken.has(name))) {
      seen.add(name);
      return name;
    }
    let number = numbers.get(name) ?? 2;
    while (taken.has(`${name}_${number}`) || seen.has(`${name}_${number}`)) number += 1;
    numbers.set(name, number);
    seen.add(`${name}_${number}`);
    return `${name}_${number}`;
  });
}
