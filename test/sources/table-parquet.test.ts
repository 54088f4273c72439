import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { openListing } from '../../src/sources/listing.ts';
import { timeParsers } from '../../src/sources/tables/parquet-times.ts';
import { all, bytesOf, itemsOfInput, testContext } from './support.ts';
import { itemsOf, one, told, two } from './table-support.ts';

const dir = mkdtempSync(join(tmpdir(), 'gallop-parquet-'));
const connection = await (await DuckDBInstance.create()).connect();
after(() => {
  connection.closeSync();
  rmSync(dir, { recursive: true });
});

/** A Parquet file that DuckDB writes of a query. */
async function parquet(query: string, options = 'compression snappy'): Promise<string> {
  const file = join(dir, `${options.replace(/\W+/g, '-')}.parquet`);
  await connection.run(`copy (${query}) to '${file}' (format parquet, ${options})`);
  return file;
}

const items = async (
  file: string,
  spec: Partial<RunSpec> = {},
  context = testContext(spec, { environment: {} }),
) => await all(itemsOfInput(file, context));
const columnsOf = async (query: string, spec: Partial<RunSpec> = {}) =>
  (await items(await parquet(query), spec))[0]?.row?.columns;

const many = `select 'https://h.example/' || range || '.jpg' as url, 'No. ' || range as caption from range(5000)`;

describe('a Parquet file', () => {
  for (const codec of ['uncompressed', 'snappy', 'zstd', 'gzip', 'brotli', 'lz4_raw']) {
    it(`of DuckDB is read, compressed with ${codec}, over several row groups`, async () => {
      const file = await parquet(many, `compression ${codec}, row_group_size 2048`);
      const found = await items(file, { captionColumn: 'caption' });
      assert.equal(found.length, 5000);
      for (const [at, { index, url, row }] of found.entries()) {
        assert.deepEqual([index, url, row?.caption], [at + 1, `https://h.example/${at}.jpg`, `No. ${at}`]);
      }
    });
  }

  it('keeps the values of its columns as JSON can', async () => {
    const found =
      await columnsOf(`select '${one}' as url, 7::bigint as small, 9007199254740993::bigint as wide,
      18446744073709551615::ubigint as widest, 1.5::double as real, 'nan'::double as nan, true as yes, null::varchar as none,
      timestamp '2026-11-23 11:49:00.123456' as moment, timestamp '1969-12-31 23:59:59.999999' as earlier,
      date '2026-11-23' as day, ['a', null] as list, {'a': 1, 'b': {'c': [2::bigint]}} as struct,
      map {'k': 'v'} as map, 12.25::decimal(9,2) as decimal, '{"x": [1]}'::json as json`);
    assert.deepEqual(found, {
      small: 7,
      wide: '9007199254740993',
      widest: '18446744073709551615',
      real: 1.5,
      nan: null,
      yes: true,
      none: null,
      moment: '2026-11-23T11:49:00.123456Z',
      earlier: '1969-12-31T23:59:59.999999Z',
      day: '2026-11-23',
      list: ['a', null],
      struct: { a: 1, b: { c: [2] } },
      map: { k: 'v' },
      decimal: 12.25,
      json: { x: [1] },
    });
  });

  it('leaves out bytes, and says so, unless they are named: then they are text, or Base64', async () => {
    const query = `select '${one}' as url, 'caf\u00e9'::blob as words, '\\xFF\\x00'::blob as raw, 1 as n`;
    const file = await parquet(query.replace("'caf\u00e9'::blob", "encode('caf\u00e9')"));
    const context = testContext();
    assert.deepEqual((await items(file, {}, context))[0]?.row?.columns, { n: 1 });
    assert.match(context.notes.join(), /left out.*words, raw/);
    const named = await items(file, { columns: ['words', 'raw'], captionColumn: 'words' });
    assert.deepEqual(named[0]?.row, { caption: 'café', columns: { words: 'café', raw: '/wA=' } });
  });

  it('goes on after a row that is not right, which is one failed item with its row', async () => {
    const file = await parquet(
      `select * from (values ('${one}', 1), (null, 2), ('hello', 3), ('${two}', 4)) t(url, n)`,
    );
    assert.deepEqual(told(await items(file)), [
      [one, { n: 1 }],
      ["row 2: no address in the column 'url'", { n: 2 }],
      ['row 3: not an address: write https://host/path', { n: 3 }],
      [two, { n: 4 }],
    ]);
  });

  it('has no other columns decoded than those that are kept', async () => {
    const file = await parquet(
      `select '${one}' as url, 'kept' as a, 'broken' as b`,
      'compression uncompressed',
    );
    const bytes = readFileSync(file);
    const at = bytes.indexOf('broken');
    // The length of the text before it: nobody could read on from there.
    bytes.writeUInt32LE(0x7fffffff, at - 4);
    const damaged = join(dir, 'damaged.parquet');
    writeFileSync(damaged, bytes);
    assert.deepEqual((await items(damaged, { columns: ['a'] }))[0]?.row?.columns, { a: 'kept' });
    await assert.rejects(items(damaged), { name: 'ListingError', code: 'bad-file' });
  });

  it('may have no rows', async () => {
    assert.deepEqual(await items(await parquet(`select 'x' as url where false`)), []);
  });

  it('without the column of addresses is a mistake of the command', async () => {
    await assert.rejects(items(await parquet(`select 1 as a, 2 as b`)), {
      name: 'UsageError',
      hint: /'a', 'b'/,
    });
  });

  it('that is cut off, damaged or something else ends the listing', async () => {
    const bytes = readFileSync(await parquet(many));
    const wrong: [bytes: Uint8Array, message: RegExp][] = [
      [bytes.subarray(0, -1), /without its end/],
      [bytes.subarray(0, 1000), /without its end/],
      [Buffer.alloc(0), /not a Parquet file/],
      [Buffer.from(`url\n${one}\n`), /not a Parquet file/],
      // The end says where the rest lies, and there it is not.
      [Buffer.concat([bytes.subarray(0, 500), bytes.subarray(-300)]), /cannot be read/],
      [Buffer.from(bytes).fill(0xff, 200, 2000), /cannot be read/],
    ];
    for (const [some, message] of wrong) {
      await assert.rejects(itemsOf('a.parquet', some), { name: 'ListingError', exitCode: 4, message });
    }
  });

  it('whose end says too much of its columns is not looked at', async () => {
    const file = join(dir, 'end.parquet');
    const [end, mostBytes] = [Buffer.from('....PAR1'), 64 * 1024 * 1024];
    end.writeUInt32LE(mostBytes + 1);
    writeFileSync(file, 'PAR1');
    truncateSync(file, mostBytes + 100);
    appendFileSync(file, end);
    const message = /end\.parquet cannot be read at all: .* 67108865 bytes, more than 67108864/;
    await assert.rejects(items(file), { name: 'ListingError', message });
  });

  it('with a page that does not say how long it is ends the listing, and does not go on for ever', async () => {
    const bytes = readFileSync(await parquet(many, 'compression uncompressed'));
    // Of the header of the first page: its type, its size, and the number of the field that is its packed size.
    let at = 4 + 2 + 1;
    while (bytes[at]! & 0x80) at += 1;
    assert.equal(bytes[at + 1], 0x15);
    bytes[at + 1] = 0x25;
    await assert.rejects(itemsOf('a.parquet', bytes), { name: 'ListingError', message: /a page of 'url'/ });
  });

  it('cannot come through standard input', async () => {
    const context = testContext({ input: ['-'], inputFormat: 'parquet' }, { stdin: bytesOf('PAR1') });
    await assert.rejects(all(openListing(context.spec, context)), {
      name: 'UsageError',
      message: /standard input/,
    });
  });
});

describe('moments of a Parquet file', () => {
  it('lose no digit, and those that no calendar has are null', () => {
    assert.equal(timeParsers.timestampFromNanoseconds(-1n), '1969-12-31T23:59:59.999999999Z');
    assert.equal(timeParsers.timestampFromNanoseconds(1_500_000_000n), '1970-01-01T00:00:01.500Z');
    assert.equal(timeParsers.timestampFromMilliseconds(2n ** 62n), null);
    assert.equal(timeParsers.dateFromDays(-1), '1969-12-31');
    assert.equal(timeParsers.dateFromDays(2 ** 31), null);
  });
});
