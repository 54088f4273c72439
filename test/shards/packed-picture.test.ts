import assert from 'node:assert/strict';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { packedPicture } from '../../src/shards/packed-picture.ts';
import { tarHeader } from '../../src/shards/tar.ts';
import { scratch } from '../support/scratch.ts';
import { pack, pictureOf, type Row } from './packing.ts';

const large = Buffer.alloc(3_000_017, 'large');
/** Nobody looks through it for what is behind it. */
const huge = Buffer.alloc(17_000_000, 'huge');
const count = 1000;
const most = 1e9;

/** Small ones, some large, and some that failed. */
const rows: Row[] = Array.from({ length: count }, (_, n) =>
  n % 100 === 7 ? { fails: true } : n % 400 === 300 ? { bytes: large } : {},
);
const keyOf = (n: number) => `00000${String(n).padStart(3, '0')}`;
const expected = ({ fails, bytes }: Row, n: number): Buffer | null =>
  fails ? null : (bytes ?? pictureOf(n + 1));

/** A file that counts how often it is read. */
function counting(file: FileHandle): { file: FileHandle; reads: () => number } {
  let reads = 0;
  const read = (...words: Parameters<FileHandle['read']>) => {
    reads += 1;
    return file.read(...words);
  };
  const counted = new Proxy(file, {
    get: (target, name) => {
      if (name === 'read') return read;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { file: counted, reads: () => reads };
}

for (const [output, kind] of [
  ['webdataset', 'tar'],
  ['parquet', 'parquet'],
] as const) {
  it(`a picture is read out of a shard, wherever it is in it: ${kind}`, async () => {
    using dir = scratch();
    const all = rows.with(600, { bytes: huge });
    await pack(dir.path, all, { spec: { output, shardSize: count } });
    await using shard = await open(join(dir.path, `00000.${kind}`));
    const places = [...Array(count).keys()].filter((n) => n % 97 === 0 || n % 400 === 300 || n % 500 === 7);
    for (const n of [...places, 299, 301, 600, count - 1]) {
      const found = await packedPicture(shard, kind, keyOf(n), most);
      const wanted = expected(all[n]!, n);
      assert.equal(found === null, wanted === null, `${n}`);
      if (wanted !== null) assert.equal(Buffer.compare(found!, wanted), 0, `${n}`);
    }
    for (const key of ['', '00000', '000001000', '99999999', 'x']) {
      assert.equal(await packedPicture(shard, kind, key, most), null, key);
    }
    assert.equal(await packedPicture(shard, kind, keyOf(300), 3_000_016), null);
    await assert.rejects(packedPicture(shard, kind === 'tar' ? 'parquet' : 'tar', keyOf(1), most));
  });
}

it('of a large tar few headers are read', async () => {
  using dir = scratch();
  await pack(dir.path, rows, { spec: { shardSize: count } });
  await using shard = await open(join(dir.path, '00000.tar'));
  for (const n of [1, 434, 650, 998]) {
    const { file, reads } = counting(shard);
    assert.ok((await packedPicture(file, 'tar', keyOf(n), most)) !== null);
    assert.ok(reads() < count / 2, `${reads()} reads for ${n}, of three times ${count} members`);
  }
});

it('a picture that looks like a tar hides no other', async () => {
  using dir = scratch();
  const astray = (key: string) =>
    Buffer.concat(Array.from({ length: 300 }, () => tarHeader(`${key}.jpg`, 700)));
  const wrong = [...rows];
  for (let n = 10; n < count; n += 60) wrong[n] = { bytes: astray(keyOf(n % 120 === 10 ? 0 : count)) };
  await pack(dir.path, wrong, { spec: { shardSize: count } });
  await using shard = await open(join(dir.path, '00000.tar'));
  for (const n of [0, 500, 501, 701, 999]) {
    const found = await packedPicture(shard, 'tar', keyOf(n), most);
    assert.equal(Buffer.compare(found!, pictureOf(n + 1)), 0, `${n}`);
  }
});
