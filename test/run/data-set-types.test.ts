import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { type DownloadOptions, download } from '../../src/index.ts';
import { parquetFiles } from '../sources/parquet-files.ts';
import { columnsOf, query } from '../support/duckdb.ts';
import { type Behaviour, Gate, pictureServer } from '../support/picture-server.ts';
import { startLibrary } from '../support/run-library.ts';
import { filesIn, scratch, until } from '../support/scratch.ts';

const picture = await sharp({ create: { width: 9, height: 8, channels: 3, background: '#123' } })
  .jpeg()
  .toBuffer();

/** The same picture under every path. */
const served = (behaviour: Behaviour = () => false) =>
  pictureServer((path, response, turn) => {
    if (behaviour(path, response, turn)) return true;
    response.writeHead(200, { 'content-length': picture.length }).end(picture);
    return true;
  });

const shardSize = 3;
const common = { output: 'webdataset', shardSize, strategy: 'async', retries: 0 } as const;

const summaryOf = (input: string | string[], dir: string, options: DownloadOptions = {}) =>
  download([], { ...common, input, dir, ...options }).summary;

/** The columns of the input, which must be the same in every shard; and what DuckDB has for them all together. */
async function inputColumns(dir: string): Promise<string[]> {
  const tables = filesIn(dir).filter((name) => name.endsWith('.parquet'));
  assert.ok(tables.length >= 2, 'there is nothing to compare');
  const each = await Promise.all(tables.map((name) => columnsOf(join(dir, name))));
  for (const columns of each) assert.deepEqual(columns, each[0]);
  const all = await columnsOf(join(dir, '*.parquet'));
  assert.deepEqual(all, each[0]);
  return all.slice(0, all.indexOf('url VARCHAR'));
}

const valuesOf = async (dir: string, columns: string) =>
  (await query(`SELECT ${columns} FROM read_parquet('${join(dir, '*.parquet')}') ORDER BY key`)).map((row) =>
    Object.values(row),
  );

const packedIn = (dir: string) =>
  Object.fromEntries(
    filesIn(dir)
      .filter((name) => /\.(tar|parquet)$/.test(name))
      .map((name) => [name, readFileSync(join(dir, name)).toString('base64')]),
  );

/** Rows of JSON lines, of which every shard would say something else. */
const rows = [
  { score: 1, id: 1, empty: null, kind: 1, tag: 'a' },
  { score: 2, id: 2, empty: null, kind: 2, yes: true },
  { score: 10, id: 3, empty: null, kind: 3 },
  { score: 11.5, id: '9007199254740993', empty: null, kind: 'x', list: [1] },
  { score: null, id: '-9223372036854775808', empty: null, kind: true, first: 'f' },
  { score: 3, id: '9223372036854775807', empty: null, kind: null, big: '12345678901234567890' },
  { score: null, id: null, empty: null, kind: 4, text: '9007199254740993' },
  { score: null, id: null, empty: null, kind: 5, yes: false, big: 5 },
  { score: 1e300, id: 4, empty: null, late: 7, kind: { a: 1 } },
];

/** `url` and the columns; what is said to be a number in a text is written as one. */
const jsonLines = (url: string, numbers = ['id', 'big']) =>
  rows
    .map((row, at) => {
      const line = JSON.stringify({ url: `${url}/p${at}.jpg`, ...row });
      return line.replace(/"(\w+)":"(-?\d+)"/g, (all, name, digits) =>
        numbers.includes(name) ? `"${name}":${digits}` : all,
      );
    })
    .join('\n');

const columnsOfRows = [
  ...['score DOUBLE', 'id BIGINT', 'empty VARCHAR', 'kind VARCHAR', 'tag VARCHAR', 'yes BOOLEAN'],
  ...['list VARCHAR', 'first VARCHAR', 'big VARCHAR', 'text VARCHAR', 'late BIGINT'],
];

describe('the columns of JSON lines', () => {
  it('have one type in all shards, which holds all values of the input', async () => {
    using work = scratch();
    await using server = await served();
    const table = join(work.path, 'table.jsonl.gz');
    const dir = join(work.path, 'set');
    writeFileSync(table, gzipSync(jsonLines(server.url)));
    await summaryOf(table, dir);
    assert.deepEqual(await inputColumns(dir), columnsOfRows);
    assert.deepEqual(await valuesOf(dir, 'score, id, kind, yes, big, text, late, list'), [
      [1, '1', '1', null, null, null, null, null],
      [2, '2', '2', true, null, null, null, null],
      [10, '3', '3', null, null, null, null, null],
      [11.5, '9007199254740993', 'x', null, null, null, null, '[1]'],
      [null, '-9223372036854775808', 'true', null, null, null, null, null],
      [3, '9223372036854775807', null, null, '12345678901234567890', null, null, null],
      [null, null, '4', null, null, '9007199254740993', null, null],
      [null, null, '5', false, '5', null, null, null],
      [1e300, '4', '{"a":1}', null, null, null, '7', null],
    ]);
  });

  it('are the same in pieces, in any order, after failures, and under any strategy: so are all bytes', async () => {
    using work = scratch();
    const isGone = { now: true };
    await using server = await served((path, response) => {
      if (!isGone.now || !/p[147]\.jpg/.test(path)) return false;
      response.writeHead(404).end();
      return true;
    });
    const table = join(work.path, 'table.jsonl');
    const [whole, pieces] = [join(work.path, 'whole'), join(work.path, 'pieces')];
    writeFileSync(table, jsonLines(server.url));
    for (const [from, to] of [
      [8, 9],
      [5, 6],
      [1, 5],
    ] as const)
      await summaryOf(table, pieces, { range: [{ from, to }], strategy: 'sync' });
    const failing = await summaryOf(table, pieces);
    assert.equal(failing.failed, 3);
    assert.deepEqual(await inputColumns(pieces), columnsOfRows);
    isGone.now = false;
    assert.equal((await summaryOf(table, pieces)).saved, 3);
    assert.equal((await summaryOf(table, whole, { strategy: 'threads' })).saved, 9);
    assert.deepEqual(packedIn(pieces), packedIn(whole));
  });

  it('are the same after a kill', async () => {
    using work = scratch();
    const gate = new Gate();
    await using server = await served((path, response) => {
      if (/p[0-4]\.jpg/.test(path)) return false;
      gate.hold(() => response.writeHead(404).end());
      return true;
    });
    const table = join(work.path, 'table.jsonl');
    const [whole, killed] = [join(work.path, 'whole'), join(work.path, 'killed')];
    writeFileSync(table, jsonLines(server.url));
    const { child, result } = startLibrary({ options: { ...common, input: table, dir: killed } });
    await until(() => child.exitCode !== null || existsSync(join(killed, '00000_stats.json')));
    child.kill('SIGKILL');
    assert.equal((await result).signal, 'SIGKILL');
    assert.deepEqual(
      readdirSync(killed).filter((name) => name.endsWith('.parquet')),
      ['00000.parquet'],
    );
    gate.release();
    await summaryOf(table, killed);
    await summaryOf(table, whole);
    assert.deepEqual(await inputColumns(killed), columnsOfRows);
    assert.deepEqual(packedIn(killed), packedIn(whole));
  });

  it('are texts where they come from a pipe, and those of its first row or of --columns', async () => {
    using work = scratch();
    await using server = await served();
    async function* stdin() {
      yield Buffer.from(jsonLines(server.url));
    }
    const piped = (dir: string, columns?: string[]) =>
      summaryOf('-', join(work.path, dir), {
        ...{ stdin: stdin(), inputFormat: 'jsonl' },
        ...(columns === undefined ? {} : { columns }),
      });
    await piped('named', ['id', 'big']);
    assert.deepEqual(await inputColumns(join(work.path, 'named')), ['id VARCHAR', 'big VARCHAR']);
    const found = await valuesOf(join(work.path, 'named'), 'id, big');
    assert.deepEqual(
      [found[3], found[5]],
      [
        ['9007199254740993', null],
        ['9223372036854775807', '12345678901234567890'],
      ],
    );
    await assert.rejects(piped('first'), {
      code: 'other-shards',
      message: "row 2 has a column 'yes', and the shards have none",
    });
  });
});

describe('the columns of a table', () => {
  it('of text are texts, whatever stands in them', async () => {
    using work = scratch();
    await using server = await served();
    for (const [ending, delimiter] of [
      ['csv', ','],
      ['tsv', '\t'],
    ] as const) {
      const table = join(work.path, `table.${ending}`);
      const dir = join(work.path, ending);
      const lines = rows.map((row, at) => [`${server.url}/p${at}.jpg`, row.score ?? '', row.id ?? '']);
      const text = [['url', 'score', 'id'], ...lines].map((fields) => fields.join(delimiter)).join('\n');
      writeFileSync(table, text);
      await summaryOf(table, dir);
      assert.deepEqual(await inputColumns(dir), ['score VARCHAR', 'id VARCHAR']);
      assert.deepEqual((await valuesOf(dir, 'score, id'))[3], ['11.5', '9007199254740993']);
    }
  });

  const typed = (url: string) => `SELECT '${url}/p' || range || '.jpg' AS url,
    CASE WHEN range > 4 THEN range END AS late, 9007199254740990 + range AS long,
    18446744073709551600::UBIGINT + range::UBIGINT AS ulong, (-range)::SMALLINT AS small, range::FLOAT / 4 AS real,
    range::DOUBLE AS whole, range % 2 = 0 AS yes, '1' AS digits, DATE '2026-01-01' + range::INTEGER AS day,
    (range / 8)::DECIMAL(9, 2) AS decimal, [range] AS list, NULL::BIGINT AS none, '7'::JSON AS json FROM range(9)`;

  it('of Parquet are of the types of its schema, also where a shard has no value', async () => {
    using work = scratch();
    const files = await parquetFiles();
    try {
      const isGone = { now: true };
      await using server = await served((path, response) => {
        if (!path.endsWith('p7.jpg') || !isGone.now) return false;
        response.writeHead(404).end();
        return true;
      });
      const dir = join(work.path, 'set');
      const table = await files.ofQuery(typed(server.url));
      await summaryOf(table, dir, { range: [{ from: 1, to: 5 }] });
      assert.equal((await summaryOf(table, dir)).failed, 1);
      isGone.now = false;
      assert.equal((await summaryOf(table, dir)).saved, 1);
      assert.deepEqual(await inputColumns(dir), [
        ...['late BIGINT', 'long BIGINT', 'ulong UBIGINT', 'small BIGINT', 'real DOUBLE', 'whole DOUBLE'],
        ...['yes BOOLEAN', 'digits VARCHAR', 'day VARCHAR', 'decimal DOUBLE', 'list VARCHAR'],
        ...['none BIGINT', 'json VARCHAR'],
      ]);
      const found = await valuesOf(
        dir,
        'late, long, ulong, small, real, whole, yes, day, decimal, list, json',
      );
      const first = [
        null,
        '9007199254740990',
        '18446744073709551600',
        '0',
        0,
        0,
        true,
        '2026-01-01',
        0,
        '[0]',
      ];
      assert.deepEqual(found[0], [...first, '7']);
      const last = [
        '8',
        '9007199254740998',
        '18446744073709551608',
        '-8',
        2,
        8,
        true,
        '2026-01-09',
        1,
        '[8]',
      ];
      assert.deepEqual(found[8], [...last, '7']);
    } finally {
      files.close();
    }
  });

  it('of several inputs are of the type that loses nothing of any of them', async () => {
    using work = scratch();
    const files = await parquetFiles();
    try {
      await using server = await served();
      const of = (from: number, columns: string) =>
        files.ofQuery(
          `SELECT '${server.url}/p' || range || '.jpg' AS url, ${columns} FROM range(${from}, ${from + 3})`,
        );
      const inputs = [
        await of(0, 'range::INTEGER AS a, 9007199254740993 AS b, true AS c, range AS d'),
        await of(3, '0.5::DOUBLE AS a, 0.5::DOUBLE AS b, 1 AS c, range::UBIGINT AS e'),
        join(work.path, 'more.jsonl'),
      ];
      writeFileSync(inputs[2]!, `{"url":"${server.url}/p6.jpg","a":7,"d":9007199254740993}\n`);
      const dir = join(work.path, 'set');
      await summaryOf(inputs, dir);
      assert.deepEqual(await inputColumns(dir), [
        'a DOUBLE',
        'b VARCHAR',
        'c VARCHAR',
        'd BIGINT',
        'e UBIGINT',
      ]);
      const found = await valuesOf(dir, 'a, b, c, d, e');
      assert.deepEqual(found[2], [2, '9007199254740993', 'true', '2', null]);
      assert.deepEqual(found[3], [0.5, '0.5', '1', null, '3']);
      assert.deepEqual(found[6], [7, null, null, '9007199254740993', null]);
    } finally {
      files.close();
    }
  });
});

describe('a data set whose columns are others', () => {
  const begun = async (dir: string, url: string) => {
    const table = join(dir, 'table.jsonl');
    const lines = [0, 1, 2].map((n) => `{"url":"${url}/p${n}.jpg","n":${n}}\n`).join('');
    writeFileSync(table, lines);
    await summaryOf(table, join(dir, 'set'));
    return (more: string) => {
      writeFileSync(table, `${lines}{"url":"${url}/p3.jpg",${more}}\n`);
      return summaryOf(table, join(dir, 'set'));
    };
  };

  it('is gone on with only by rows that have the same, and else nothing is fetched', async () => {
    using work = scratch();
    await using server = await served();
    const goOn = await begun(work.path, server.url);
    for (const [more, message] of [
      ['"n":1.5', /have the column 'n' as int64, and in the input it is double$/],
      ['"n":1,"m":1', /have no column 'm', and the input has one$/],
    ] as const) {
      const before = packedIn(work.path);
      await assert.rejects(goOn(more), { code: 'other-shards', message });
      assert.deepEqual(packedIn(work.path), before);
    }
    assert.equal(server.requests.length, 3);
    assert.equal((await goOn('"n":9007199254740993')).saved, 1);
    assert.deepEqual(await valuesOf(join(work.path, 'set'), 'n'), [
      ['0'],
      ['1'],
      ['2'],
      ['9007199254740993'],
    ]);
  });

  it('is refused where an earlier version made it, with settings and without', async () => {
    using work = scratch();
    await using server = await served();
    const goOn = await begun(work.path, server.url);
    const set = join(work.path, 'set');
    const settingsFile = join(set, '.gallop/shards/settings.json');
    const { columnTypes, ...settings } = JSON.parse(readFileSync(settingsFile, 'utf8'));
    assert.deepEqual(columnTypes, [['n', 'int64']]);
    writeFileSync(settingsFile, JSON.stringify(settings));
    const refused = { code: 'other-shards', message: /were made by an earlier version/ };
    await assert.rejects(goOn('"n":1'), refused);
    rmSync(join(set, '.gallop'), { recursive: true });
    const statsFile = join(set, '00000_stats.json');
    const stats = JSON.parse(readFileSync(statsFile, 'utf8'));
    stats.gallop.settings = settings;
    writeFileSync(statsFile, JSON.stringify(stats));
    await assert.rejects(goOn('"n":1'), refused);
  });
});
