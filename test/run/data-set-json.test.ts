import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Gate } from '../support/picture-server.ts';
import { startLibrary } from '../support/run-library.ts';
import { scratch, until } from '../support/scratch.ts';
import { common, inputColumns, jsonLines, packedIn, served, summaryOf, valuesOf } from './typed-sets.ts';

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
