import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Item } from '../../src/core/item.ts';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { parquetFiles } from '../sources/parquet-files.ts';
import { scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';
import { common, inputColumns, packedIn, rows, served, summaryOf, valuesOf } from './typed-sets.ts';

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

describe('the columns of items that were listed before', () => {
  it('are of the types of their values', async () => {
    using work = scratch();
    await using server = await served();
    const items = [1, 2, 3, 11.5].map((score, at): Item => {
      const path = `/p${at}.jpg`;
      return { ...server.item(path, at + 1), key: `${at} ${path}`, row: { columns: { score, of: null } } };
    });
    const spec = resolveRunSpec({ ...common, sources: [server.url], dir: work.path });
    assert.equal((await startRun(spec, { items }).summary).saved, 4);
    assert.deepEqual(await inputColumns(work.path), ['score DOUBLE', 'of VARCHAR']);
    assert.deepEqual(await valuesOf(work.path, 'score'), [[1], [2], [3], [11.5]]);
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
