import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { PackedShard } from '../../src/shards/commit.ts';
import { openPacker } from '../../src/shards/packer.ts';
import { filesIn, scratch } from '../support/scratch.ts';
import { downloaded, itemOf, pack, type Row, specFor } from './packing.ts';

const files = ['00000.tar', '00000.parquet', '00000_stats.json'];
const older: Row[] = [{}, { fails: true }, {}];
const newer: Row[] = [{}, {}, {}];

/** A shard that is to be replaced by another, which a killed run has made ready, and of which it has `moved` so many files. */
async function replacement(
  dir: string,
  moved: number,
): Promise<{ ready: string; expected: Record<string, Buffer> }> {
  using other = scratch();
  await pack(dir, older);
  const { packed } = await pack(other.path, newer);
  const ready = path.join(dir, '.gallop/shards/00000.ready');
  fs.mkdirSync(ready);
  fs.writeFileSync(path.join(ready, 'packed.json'), JSON.stringify(packed[0]));
  const expected = Object.fromEntries(
    files.map((file) => [file, fs.readFileSync(path.join(other.path, file))]),
  );
  if (moved > 0) fs.rmSync(path.join(dir, files[2]!));
  for (const [at, file] of files.entries())
    fs.writeFileSync(path.join(at < moved ? dir : ready, file), expected[file]!);
  return { ready, expected };
}

describe('a shard that was ready when its run was killed', () => {
  for (const moved of [0, 1, 2, 3]) {
    it(`is moved to its place by the next run, ${moved} of its files having been moved, and told of`, async () => {
      using dir = scratch();
      const { ready, expected } = await replacement(dir.path, moved);
      const told: PackedShard[] = [];
      const packer = await openPacker(specFor(dir.path), (packed) => void told.push(packed));
      await packer.close();
      assert.deepEqual(filesIn(dir.path), files.toSorted());
      for (const file of files)
        assert.deepEqual(fs.readFileSync(path.join(dir.path, file)), expected[file], file);
      assert.deepEqual(
        told.map(({ shard }) => shard),
        [0],
      );
      assert.ok(!fs.existsSync(ready));
      assert.deepEqual((await pack(dir.path, newer)).fetched, []);
    });
  }

  it('has no statistics while its files are not all its own', async () => {
    using dir = scratch();
    const { ready } = await replacement(dir.path, 0);
    const table = path.join(dir.path, '00000.parquet');
    fs.rmSync(table);
    fs.mkdirSync(path.join(table, 'in the way'), { recursive: true });
    await assert.rejects(
      openPacker(specFor(dir.path), () => {}),
      {
        name: 'DiskError',
        message: `cannot write ${table}: there is a directory in its place`,
      },
    );
    assert.deepEqual(filesIn(dir.path), ['00000.tar']);
    fs.rmSync(table, { recursive: true });
    await (await openPacker(specFor(dir.path), () => {})).close();
    assert.deepEqual([filesIn(dir.path), fs.existsSync(ready)], [files.toSorted(), false]);
  });

  it('removes nothing but pictures of its own, whatever its folder says', async () => {
    using dir = scratch();
    const { ready } = await replacement(dir.path, 0);
    const news = path.join(ready, 'packed.json');
    const packed = JSON.parse(fs.readFileSync(news, 'utf8'));
    for (const [at, file] of [
      '../outside',
      '00000.tar',
      '.gallop/shards/00000/../x',
      '.gallop/shards/00000/..',
      '',
    ].entries()) {
      packed.duplicates = [{ itemKey: 'x', path: file, duplicateOf: '000000' }];
      fs.writeFileSync(news, at === 4 ? '{' : JSON.stringify(packed));
      await assert.rejects(
        openPacker(specFor(dir.path), () => {}),
        { name: 'DiskError', message: /packed\.json is damaged/ },
      );
      assert.deepEqual(filesIn(dir.path), files.toSorted());
    }
  });

  it('is told of again, and keeps its pictures, until whoever is told has said so', async () => {
    using dir = scratch();
    const told: PackedShard[] = [];
    const refusing = await openPacker(specFor(dir.path), () =>
      Promise.reject(new Error('the journal is full')),
    );
    await refusing.take(itemOf(1));
    refusing.add(downloaded(refusing, dir.path, itemOf(1), {}));
    await assert.rejects(refusing.end(), /the journal is full/);
    await refusing.close();
    assert.ok(fs.existsSync(path.join(dir.path, '.gallop/shards/00000/000000.jpg')));
    await (await openPacker(specFor(dir.path), (packed) => void told.push(packed))).close();
    assert.equal(told.length, 1);
    assert.ok(!fs.existsSync(path.join(dir.path, '.gallop/shards/00000')));
  });
});
