import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { album } from '../../bench/cases/album.ts';
import { dataSet } from '../../bench/cases/data-set.ts';
import { memory } from '../../bench/cases/memory.ts';
import { pixels } from '../../bench/cases/pixels.ts';
import { smallFiles } from '../../bench/cases/small-files.ts';
import { canHaveIsland } from '../support/island.ts';
import { scratch } from '../support/scratch.ts';
import { benchContext } from './context.ts';

test('an album goes through everybody who is there, and the table has what they took', async () => {
  using work = scratch();
  const names = ['gallop -s async -c 100', 'gallop -s auto, warm', 'curl -Z --parallel-max 100'];
  {
    using context = benchContext(work.path, names);
    const network = 'rtt=1ms&think=0&connection=none&link=none';
    const { rows, notes, settings } = await album({ pictures: 4, bytes: 5000, network }).run(context);
    const hasCurl = context.tools.curl !== null;
    assert.deepEqual(
      rows.map(({ contestant, runs, note }) => [contestant, runs, note]),
      [...(hasCurl ? [[names[2], 1, 'reference']] : []), [names[0], 1, ''], [names[1], 1, '']],
    );
    assert.equal(
      notes.some((note) => note.startsWith('curl is not installed')),
      !hasCurl,
    );
    for (const row of rows) {
      assert.ok(Number(row['median, s']) > 0 && Number(row['CPU, s']) > 0, JSON.stringify(row));
    }
    assert.match(settings[0]!, /^4 JPEGs of 5000 bytes .* rtt=1ms/);
  }
  assert.deepEqual(readdirSync(work.path), []);
});

test('small files come from an nginx of its own; without one the case says so', async () => {
  using work = scratch();
  using context = benchContext(work.path, ['gallop -s async']);
  const { rows, notes } = await smallFiles({ files: 30, bytes: 5000 }).run(context);
  if (context.tools.nginx === null) assert.match(notes.join(), /^nginx is not installed/);
  else assert.deepEqual([rows[0]?.contestant, rows[0]?.note], ['gallop -s async -c 64', '']);
});

test('long lists are watched to their end, on one host and on many; of several one can be asked for', async () => {
  using work = scratch();
  const lists = [
    { urls: 200, hosts: 0 },
    { urls: 300, hosts: 60 },
    { urls: 400, hosts: 50 },
  ];
  using context = benchContext(work.path, ['one host', '60 hosts']);
  const { rows, notes } = await memory(lists).run(context);
  if (context.tools.nginx === null) return assert.match(notes.join(), /^nginx is not installed/);
  const found = canHaveIsland() ? ['200 URLs, one host', '300 URLs, 60 hosts'] : ['200 URLs, one host'];
  assert.deepEqual(
    rows.map(({ list, note }) => [list, note]),
    found.map((name) => [name, '']),
  );
  for (const row of rows) assert.ok(Number(row['peak RSS, MB']) > 40, JSON.stringify(row));
});

test('pixels come from an nginx of its own, and the bare library is the reference', async () => {
  using work = scratch();
  using context = benchContext(work.path, ['sharp, files on the disk']);
  const { rows, notes } = await pixels({ pictures: 3, side: 64 }).run(context);
  if (context.tools.nginx === null) assert.match(notes.join(), /^nginx is not installed/);
  else assert.deepEqual([rows[0]?.contestant, rows[0]?.note], ['sharp, files on the disk', 'reference']);
});

test('a data set is packed, of pictures that can be decoded', async () => {
  using work = scratch();
  using context = benchContext(work.path, ['--output webdataset']);
  const { rows, notes } = await dataSet({ pictures: 6, bytes: 2000, shardSize: 3 }).run(context);
  if (context.tools.nginx === null) return assert.match(notes.join(), /^nginx is not installed/);
  assert.deepEqual(
    rows.map(({ contestant, note }) => [contestant, note]),
    [['gallop -s async -c 64 --check full --output webdataset --shard-size 3', '']],
  );
});
