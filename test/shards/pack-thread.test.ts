import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { PackThread } from '../../src/shards/pack-thread.ts';
import { openPacker, type Packer } from '../../src/shards/packer.ts';
import { filesIn, scratch } from '../support/scratch.ts';
import { downloaded, itemOf, pack, specFor } from './packing.ts';

const shardSize = 2000;

/** A packer whose first shard has all its rows, but for one. */
async function nearlyFull(dir: string): Promise<{ packer: Packer; addLast: () => void }> {
  // Where duplicates are looked for the thread runs from the beginning.
  const packer = await openPacker(specFor(dir, { shardSize, duplicates: 'digest' }), () => {});
  const add = (index: number) => packer.add(downloaded(packer, dir, itemOf(index), {}));
  for (let index = 1; index <= shardSize + 1; index += 1)
    assert.equal(await packer.take(itemOf(index)), null);
  for (let index = 1; index < shardSize; index += 1) add(index);
  return { packer, addLast: () => add(shardSize) };
}

describe('the thread that packs', () => {
  it('goes on while the thread of the run is busy', { timeout: 60_000 }, async () => {
    using dir = scratch();
    const { packer, addLast } = await nearlyFull(dir.path);
    addLast();
    // Not one turn of the event loop: nothing here can have packed it.
    const stats = path.join(dir.path, '00000_stats.json');
    const busyUntil = Date.now() + 30_000;
    while (!fs.existsSync(stats) && Date.now() < busyUntil);
    assert.deepEqual(filesIn(dir.path), ['00000.parquet', '00000.tar', '00000_stats.json']);
    await packer.close();
  });

  it('gives up what it packs when the packer is closed, and leaves it to the next run', async () => {
    using dir = scratch();
    using whole = scratch();
    const { packer, addLast } = await nearlyFull(dir.path);
    addLast();
    await packer.close();
    assert.deepEqual(filesIn(dir.path), []);
    const left = fs.readdirSync(path.join(dir.path, '.gallop/shards'));
    assert.deepEqual(left.sort(), ['00000', 'settings.json']);
    const rows = Array.from({ length: shardSize }, () => ({}));
    for (const { path: one } of [dir, whole]) {
      await pack(one, rows, { spec: { shardSize, duplicates: 'digest' } });
    }
    const tars = [dir, whole].map((one) => fs.readFileSync(path.join(one.path, '00000.tar')));
    assert.ok(tars[0]!.equals(tars[1]!));
  });

  it('hands its errors over as they are, with their class and their hint', async () => {
    using dir = scratch();
    const settled = (index: number) => {
      if (index === 2) fs.rmSync(path.join(dir.path, '.gallop/shards/00000/000001.jpg'));
    };
    await assert.rejects(pack(dir.path, [{}, {}, {}], { settled }), {
      name: 'DiskError',
      exitCode: 5,
      hint: /is fetched anew/,
    });
  });

  it('says before anything is fetched where the shards that are there cannot be read', async () => {
    using dir = scratch();
    const spec = { duplicates: 'digest' as const };
    await pack(dir.path, [{}, {}], { spec });
    const table = path.join(dir.path, '00000.parquet');
    fs.writeFileSync(table, Buffer.alloc(fs.statSync(table).size));
    await assert.rejects(
      openPacker(specFor(dir.path, spec), () => {}),
      { name: 'DiskError', message: /cannot read the rows of .*00000\.parquet/ },
    );
  });

  it('that is lost ends what it was asked for', async () => {
    using dir = scratch();
    const thread = new PackThread(specFor(dir.path), () => {});
    const prepared = thread.prepare();
    const lost = assert.rejects(prepared, {
      name: 'InternalError',
      message: /could not go on: it has ended/,
    });
    await thread.close();
    await lost;
    await assert.rejects(thread.prepare(), { name: 'InternalError' });
  });
});
