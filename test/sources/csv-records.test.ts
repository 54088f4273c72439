import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvDialect, CsvReader, type CsvRecord } from '../../src/sources/tables/csv-records.ts';

const csv: CsvDialect = { delimiter: ',', quotesMayBePlain: false, maxLength: 10_000 };
const tsv: CsvDialect = { delimiter: '\t', quotesMayBePlain: true, maxLength: 10_000 };

/** As `textLines` would tell of it, in batches of `size` lines. */
function records(text: string, dialect = csv, size = 3): CsvRecord[] {
  const reader = new CsvReader(dialect);
  const lines = text.split('\n').map((line, at) => ({ number: at + 1, text: line, cut: false }));
  if (lines.at(-1)?.text === '') lines.pop();
  const found: CsvRecord[] = [];
  for (let at = 0; at < lines.length; at += size) found.push(...reader.read(lines.slice(at, at + size)));
  return [...found, ...reader.end()];
}

const shown = (found: CsvRecord[]) =>
  found.map((record) => ('fields' in record ? record.fields : `${record.number}: ${record.problem}`));

const quoted = (field: string) => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '\t', "'"), maxLength: 6 });
const tables = fc
  .integer({ min: 2, max: 4 })
  .chain((width) =>
    fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  );

describe('records of CSV', () => {
  it('are what was written, whatever the batches', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 4 }), (rows, size) => {
        const text = rows.map((row) => row.map(quoted).join(',')).join('\n');
        assert.deepEqual(shown(records(`${text}\n`, csv, size)), rows);
      }),
    );
  });

  it('are those that csv-parse reads of the same text', () => {
    fc.assert(
      fc.property(tables, (rows) => {
        // Every field quoted, so that its strictness about quotes in others is not asked for.
        const text = rows
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .join('\n');
        assert.deepEqual(shown(records(text)), parse(text));
      }),
    );
  });

  it('take a quote within a field as it is', () => {
    assert.deepEqual(shown(records('a,b\n5" pipe,x"y"\n')), [
      ['a', 'b'],
      ['5" pipe', 'x"y"'],
    ]);
  });

  it('of a line with a broken quote are lost, and none of the lines after it', () => {
    const text = 'a,b\n1,"open\n2,x\n3,"closed"\n4,"text" after\n5,"two\nlines"\n6,y\n7,"never';
    assert.deepEqual(shown(records(text)), [
      ['a', 'b'],
      '2: text after a closing quote',
      ['2', 'x'],
      ['3', 'closed'],
      '5: text after a closing quote',
      ['5', 'two\nlines'],
      ['6', 'y'],
      '9: a quote that is not closed',
    ]);
  });

  it('after a quote that is never closed are read, however many', () => {
    const rows = Array.from({ length: 5000 }, (_, n) => `${n},x`);
    const found = records(['a,b', '0,"open', ...rows].join('\n'), { ...csv, maxLength: 1e6 });
    assert.equal(found.length, 5002);
    assert.equal(found.filter((record) => 'problem' in record).length, 1);
  });

  it('with more or fewer fields than the first are lost alone', () => {
    assert.deepEqual(shown(records('a,b\n1\n1,2,3\n1,"2",3\n1,2\n')), [
      ['a', 'b'],
      '2: 1 field, and the first line has 2',
      '3: 3 fields, and the first line has 2',
      '4: 3 fields, and the first line has 2',
      ['1', '2'],
    ]);
  });

  it('that are too long are lost, those after them are not', () => {
    const long = `1,"${'x'.repeat(9000)}\n${'y'.repeat(9000)}"`;
    const found = shown(records(`a,b\n${long}\n2,z\n`));
    assert.equal(found[1], '2: longer than 10000 characters');
    assert.deepEqual(found.at(-1), ['2', 'z']);
  });

  it('of lines that each look like the middle of a record take no longer than others', () => {
    // Each closes a quote and opens another: read anew from every line to the limit, they would take hours.
    const lines = Array.from({ length: 100_000 }, () => 'x","y');
    const found = records(['a,b,c', ...lines].join('\n'), { ...csv, maxLength: 2 ** 20 }, 1000);
    assert.ok(found.length > 30_000);
  });

  it('of TSV have quotes that mean nothing where they cannot be right', () => {
    const text = 'a\tb\n1\t"He said" so\n2\t"open\n3\t"tab\there"\n4\t"two\nlines"\n';
    assert.deepEqual(shown(records(text, tsv)), [
      ['a', 'b'],
      ['1', '"He said" so'],
      ['2', '"open'],
      ['3', 'tab\there'],
      ['4', 'two\nlines'],
    ]);
  });
});
