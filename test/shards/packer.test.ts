import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { openPacker } from '../../src/shards/packer.ts';
import { filesIn, scratch } from '../support/scratch.ts';
import { downloaded, itemOf, pack, pictureOf, type Row, specFor } from './packing.ts';

const rowsOf = (count: number, changes: Record<number, Row> = {}): Row[] =>
  Array.from({ length: count }, (_, at) => changes[at + 1] ?? {});

const reversed = (rows: number[]) => rows.toReversed();
/** The same on every run, and unlike any order of the input. */
const shuffled = (rows: number[]) => rows.toSorted((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101));

const members = (dir: string, tar: string) =>
  execFileSync('tar', ['tf', path.join(dir, tar)])
    .toString()
    .trim()
    .split('\n');
const read = (dir: string, file: string) => fs.readFileSync(path.join(dir, file));
const stats = (dir: string, shard: string) => JSON.parse(read(dir, `${shard}_stats.json`).toString());
const shardBytes = (dir: string) =>
  Object.fromEntries(
    filesIn(dir)
      .filter((file) => !file.endsWith('_stats.json'))
      .map((file) => [file, read(dir, file).toString('base64')]),
  );

describe('shards of pictures', () => {
  it('have the layout of img2dataset: keys, members next to each other, every row counted', async () => {
    using dir = scratch();
    const { packed } = await pack(dir.path, rowsOf(23, { 4: { fails: true }, 12: { ext: 'png' } }));
    assert.deepEqual(filesIn(dir.path), [
      ...['00000.parquet', '00000.tar', '00000_stats.json', '00001.parquet', '00001.tar', '00001_stats.json'],
      ...['00002.parquet', '00002.tar', '00002_stats.json'],
    ]);
    const names = members(dir.path, '00000.tar');
    assert.equal(names.length, 27);
    assert.deepEqual(names.slice(6, 12), [
      ...['000002.jpg', '000002.json', '000002.txt', '000004.jpg', '000004.json', '000004.txt'],
    ]);
    assert.equal(members(dir.path, '00001.tar')[3], '000011.png');
    const { gallop, duration, start_time, end_time, ...counts } = stats(dir.path, '00000');
    assert.deepEqual(counts, {
      count: 10,
      successes: 9,
      failed_to_download: 1,
      failed_to_resize: 0,
      status_dict: { 'not-found': 1, success: 9 },
    });
    assert.ok(duration >= 0 && end_time >= start_time && start_time > 1.5e9 && start_time < 1e10);
    assert.deepEqual(
      packed.map(({ shard }) => shard),
      [0, 1, 2],
    );
    // What is told of is what is there.
    const listed = packed.flatMap(({ files }) => files);
    assert.deepEqual(listed.map((file) => file.path).sort(), filesIn(dir.path));
    for (const file of listed) {
      const sum = execFileSync('sha256sum', [path.join(dir.path, file.path)])
        .toString()
        .slice(0, 64);
      assert.deepEqual([file.sha256, file.bytes], [sum, read(dir.path, file.path).length]);
    }
    // Nothing waits any more.
    assert.deepEqual(fs.readdirSync(path.join(dir.path, '.gallop/shards')), ['settings.json']);
  });

  for (const output of ['webdataset', 'parquet', 'files'] as const) {
    it(`${output}: the same bytes whatever the order in which pictures come`, async () => {
      using one = scratch();
      using two = scratch();
      using three = scratch();
      const rows = rowsOf(57, {
        5: { fails: true },
        31: { bytes: pictureOf(2) },
        8: { bytes: pictureOf(44) },
      });
      const spec = { output, duplicates: 'digest' as const };
      await pack(one.path, rows, { spec });
      await pack(two.path, rows, { spec, order: reversed, together: 9 });
      await pack(three.path, rows, { spec, order: shuffled, together: 3 });
      assert.equal(Object.keys(shardBytes(one.path)).length > 5, true);
      assert.deepEqual(shardBytes(two.path), shardBytes(one.path));
      assert.deepEqual(shardBytes(three.path), shardBytes(one.path));
    });

    it(`${output}: a second run asks for nothing but what failed, and adds it in its place`, async () => {
      using dir = scratch();
      using whole = scratch();
      const spec = { output };
      const skip = { code: 'robots' as const, message: 'noai' };
      const first = rowsOf(25, { 3: { fails: true }, 4: { skip }, 18: { fails: true } });
      await pack(dir.path, first, { spec });
      const before = shardBytes(dir.path);

      const again = await pack(dir.path, first, { spec });
      // Files of their own are the journal's to know.
      if (output !== 'files') assert.deepEqual(again.fetched, [3, 18]);
      assert.equal(again.known.get(4)?.skip?.code, 'robots');
      assert.deepEqual([again.packed, shardBytes(dir.path)], [[], before]);

      const second = rowsOf(25, { 4: { skip }, 18: { fails: true } });
      const { packed } = await pack(dir.path, second, { spec });
      assert.deepEqual(
        packed.map(({ shard }) => shard),
        [0],
      );
      await pack(whole.path, second, { spec });
      assert.deepEqual(shardBytes(dir.path), shardBytes(whole.path));
      assert.equal(stats(dir.path, '00000').successes, 9);
    });

    it(`${output}: rows that are added to the input are added to the last shard`, async () => {
      using dir = scratch();
      using whole = scratch();
      const spec = { output };
      await pack(dir.path, rowsOf(14), { spec });
      const { packed } = await pack(dir.path, rowsOf(33), { spec });
      assert.deepEqual(
        packed.map(({ shard }) => shard),
        [1, 2, 3],
      );
      await pack(whole.path, rowsOf(33), { spec });
      assert.deepEqual(shardBytes(dir.path), shardBytes(whole.path));
    });

    it(`${output}: a range now and the rest later are all of it`, async () => {
      using dir = scratch();
      using whole = scratch();
      const rows = rowsOf(20);
      await pack(dir.path, rows, { spec: { output }, range: (index) => index > 6 && index !== 15 });
      await pack(dir.path, rows, { spec: { output }, range: (index) => index <= 6 || index === 15 });
      await pack(whole.path, rows, { spec: { output } });
      assert.deepEqual(shardBytes(dir.path), shardBytes(whole.path));
    });
  }

  it('addresses that are others on every run make no other rows', async () => {
    const rows = (port: number): Row[] =>
      [1, 2].map((at) => ({
        url: `http://127.0.0.1:${port}/${at}.jpg`,
        lastingUrl: `demo:/${at}.jpg`,
        fails: at === 2,
      }));
    using first = scratch();
    using second = scratch();
    await pack(first.path, rows(40001));
    await pack(second.path, rows(40002));
    assert.deepEqual(shardBytes(second.path), shardBytes(first.path));
    const { known, fetched } = await pack(first.path, rows(40003));
    assert.deepEqual([known.get(1)?.status, fetched], ['kept', [2]]);
  });

  it('a column with a name of ours keeps its values, also beside one that is called as it would be', async () => {
    using dir = scratch();
    const columns = { width: 'w', input_width: 'i', HEIGHT: 'h', input_caption: 'c', input_other: 'o' };
    await pack(dir.path, [{ columns }], { spec: { output: 'files' } });
    const row = JSON.parse(read(dir.path, '00000/000000.json').toString());
    assert.deepEqual(
      [row.width, row.input_width, row.input_input_width, row.input_input_caption, row.input_other],
      [30, 'w', 'i', 'c', 'o'],
    );
    assert.deepEqual(
      [row.height, row.input_HEIGHT, Object.hasOwn(row, 'HEIGHT')],
      [20, 'h', false],
      'others read without regard to case',
    );
  });

  it('texts that are gone from a folder are written anew', async () => {
    using dir = scratch();
    const spec = { output: 'files' } as const;
    await pack(dir.path, rowsOf(3), { spec });
    const before = shardBytes(dir.path);
    for (const text of ['000000.json', '000002.txt']) fs.rmSync(path.join(dir.path, '00000', text));
    await pack(dir.path, rowsOf(3), { spec });
    assert.deepEqual(shardBytes(dir.path), before);
    const { packed } = await pack(dir.path, rowsOf(3), { spec });
    assert.deepEqual(packed, []);
  });

  it('tells rows that a shard has as they are', async () => {
    using dir = scratch();
    await pack(dir.path, rowsOf(3));
    const { known, fetched } = await pack(dir.path, rowsOf(3));
    assert.deepEqual(fetched, []);
    const { status, path: file, bytes, mime, width, height, picture } = known.get(2)!;
    assert.deepEqual(
      [status, file, bytes, mime, width, height],
      ['kept', '00000.tar', pictureOf(2).length, 'image/jpeg', 30, 20],
    );
    assert.equal(picture?.original.sha256, hash('sha256', pictureOf(2)));
  });
});

describe('shards that are not to be gone on with', () => {
  const refused = async (dir: string, rows: Row[], spec: Parameters<typeof specFor>[1], text: RegExp) => {
    const before = shardBytes(dir);
    await assert.rejects(pack(dir, rows, { spec: spec! }), (error: Error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, text);
      return true;
    });
    assert.deepEqual(shardBytes(dir), before);
  };

  it('other options', async () => {
    using dir = scratch();
    await pack(dir.path, rowsOf(12));
    await refused(dir.path, rowsOf(12), { shardSize: 20 }, /"shardSize": 10, this run has 20/);
    await refused(dir.path, rowsOf(12), { resize: 64 }, /"resize": null, this run has 64/);
    fs.rmSync(path.join(dir.path, '.gallop'), { recursive: true });
    await refused(dir.path, rowsOf(12), { output: 'parquet' }, /"output": "webdataset"/);
  });

  it('other options where nothing is finished yet', async () => {
    using dir = scratch();
    const packer = await openPacker(specFor(dir.path), () => {});
    await packer.close();
    await refused(dir.path, rowsOf(2), { resize: 64 }, /"resize": null, this run has 64/);
  });

  it('other rows: inserted, or with other columns', async () => {
    using dir = scratch();
    await pack(dir.path, rowsOf(12));
    await refused(
      dir.path,
      rowsOf(12, { 5: { url: 'https://elsewhere.example/x.jpg' } }),
      {},
      /row 000004 of it is/,
    );
    await refused(dir.path, rowsOf(12, { 5: { caption: 'another' } }), {}, /columns have other values/);
  });

  it('files of another program', async () => {
    using dir = scratch();
    fs.writeFileSync(path.join(dir.path, '00000.tar'), 'mine');
    await refused(dir.path, rowsOf(2), {}, /00000\.tar is there, and not of this program/);
    fs.rmSync(path.join(dir.path, '00000.tar'));
    fs.writeFileSync(path.join(dir.path, '00000_stats.json'), '{"count": 3}');
    await refused(dir.path, rowsOf(2), {}, /_stats\.json is of another program/);
  });

  it('a tar that was changed is not taken for what it was', async () => {
    using dir = scratch();
    await pack(dir.path, rowsOf(4, { 2: { fails: true } }));
    const tar = path.join(dir.path, '00000.tar');
    const bytes = fs.readFileSync(tar);
    bytes[600]! ^= 1;
    fs.writeFileSync(tar, bytes);
    await assert.rejects(pack(dir.path, rowsOf(4)), /00000\.tar is not as it was packed/);
    assert.deepEqual(fs.readFileSync(tar), bytes);
    // Shorter, it is not there: all is fetched again.
    fs.truncateSync(tar, 700);
    const { fetched } = await pack(dir.path, rowsOf(4));
    assert.deepEqual(fetched, [1, 2, 3, 4]);
    assert.equal(members(dir.path, '00000.tar').length, 12);
  });
});

describe('duplicates', () => {
  it('by digest: the first in the order of the input stays, also over shards and runs', async () => {
    using dir = scratch();
    const same = { bytes: pictureOf(99) };
    const spec = { duplicates: 'digest' as const };
    const rows = rowsOf(30, { 4: same, 7: same, 22: same });
    const { packed } = await pack(dir.path, rows.slice(0, 20), { spec, order: reversed, together: 2 });
    assert.deepEqual(
      packed.flatMap(({ duplicates }) => duplicates),
      [{ itemKey: itemOf(7).key, path: '.gallop/shards/00000/000006.jpg', duplicateOf: '000003' }],
    );
    const later = await pack(dir.path, rows, { spec });
    assert.equal(later.known.get(7)?.skip?.duplicateOf, '000003');
    assert.equal(later.packed[0]?.duplicates[0]?.duplicateOf, '000003');
    const { status_dict, failed_to_resize } = stats(dir.path, '00002');
    assert.deepEqual([status_dict, failed_to_resize], [{ duplicate: 1, success: 9 }, 1]);
    assert.ok(!members(dir.path, '00002.tar').includes('000021.jpg'));
  });

  it('by perceptual distance', async () => {
    using dir = scratch();
    const rows = rowsOf(4, {
      1: { phash: '00000000000000ff' },
      2: { phash: '80000000000001ff' },
      3: { phash: '80000000000003ff' },
      4: { phash: '8000000000000fff' },
    });
    await pack(dir.path, rows, { spec: { duplicates: 2 } });
    // The third is near the second, which is not kept, and three bits from the first.
    assert.deepEqual(
      members(dir.path, '00000.tar').filter((name) => name.endsWith('.jpg')),
      ['000000.jpg', '000002.jpg'],
    );
    const again = await pack(dir.path, [...rows, { phash: '80000000000003fe' }], { spec: { duplicates: 2 } });
    assert.equal(again.packed[0]?.duplicates[0]?.duplicateOf, '000002');
  });

  it('files: the file of a duplicate is removed, the others have their texts beside them', async () => {
    using dir = scratch();
    const same = { bytes: pictureOf(1) };
    const settled = (index: number) => {
      // As `--info` leaves it.
      if (index === 2) fs.writeFileSync(path.join(dir.path, '00000/000001.jpg.json'), '{}');
    };
    const spec = { output: 'files', duplicates: 'digest' } as const;
    await pack(dir.path, rowsOf(3, { 2: same }), { spec, settled });
    assert.deepEqual(
      filesIn(dir.path).filter((file) => file.startsWith('00000/')),
      [
        ...['00000/000000.jpg', '00000/000000.json', '00000/000000.txt'],
        ...['00000/000002.jpg', '00000/000002.json', '00000/000002.txt'],
      ],
    );
  });
});

describe('what waits', () => {
  it('is bounded: with one slow row the source is read so far, and no farther', async () => {
    using dir = scratch();
    const packer = await openPacker(specFor(dir.path, { shardSize: 10_000 }), () => {});
    const fail = (index: number) => packer.add(downloaded(packer, dir.path, itemOf(index), { fails: true }));
    let index = 1;
    let blocked: Promise<unknown> | null = null;
    for (; index < 50_000; index += 1) {
      const taken = packer.take(itemOf(index));
      // A shard begins with a promise; one that is open already answers within a few turns.
      const answer = taken instanceof Promise ? await Promise.race([taken, settledSoon()]) : taken;
      if (answer === 'waits') {
        blocked = taken as Promise<unknown>;
        break;
      }
      if (index !== 5) fail(index);
    }
    assert.equal(index, 30_001);
    fail(5);
    assert.equal(await blocked, null);
    assert.ok(fs.existsSync(path.join(dir.path, '00000_stats.json')));
    await packer.close();
  });

  it('ends when the run is stopped', async () => {
    using dir = scratch();
    const controller = new AbortController();
    const packer = await openPacker(specFor(dir.path, { shardSize: 10_000 }), () => {}, controller.signal);
    for (let index = 1; index <= 30_000; index += 1) await packer.take(itemOf(index));
    const blocked = Promise.resolve(packer.take(itemOf(30_001)));
    controller.abort();
    await assert.rejects(blocked, { name: 'InterruptedError' });
    await packer.close();
  });

  for (const output of ['webdataset', 'parquet'] as const) {
    it(`${output}: nor does it where another byte stands in a picture that was stored`, async () => {
      using dir = scratch();
      const spec = { output };
      const settled = (index: number) => {
        if (index !== 2) return;
        const file = path.join(dir.path, '.gallop/shards/00000/000001.jpg');
        const bytes = fs.readFileSync(file);
        bytes[300]! ^= 1;
        fs.writeFileSync(file, bytes);
      };
      await assert.rejects(pack(dir.path, rowsOf(4), { spec, settled }), /000001\.jpg .* not as it was/);
      assert.deepEqual(filesIn(dir.path), []);
    });
  }

  it('a picture that is gone when its shard is packed ends the run, and nothing appears', async () => {
    using dir = scratch();
    const settled = (index: number) => {
      if (index === 2) fs.rmSync(path.join(dir.path, '.gallop/shards/00000/000001.jpg'));
    };
    await assert.rejects(pack(dir.path, rowsOf(4), { settled }), /000001\.jpg is not there any more/);
    assert.deepEqual(filesIn(dir.path), []);
    await pack(dir.path, rowsOf(4));
    assert.equal(members(dir.path, '00000.tar').length, 12);
  });
});

/** Turns of the event loop that a step without a wait for others needs by far. */
async function settledSoon(): Promise<'waits'> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return 'waits';
}
