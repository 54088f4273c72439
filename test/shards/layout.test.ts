import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ShardLayout } from '../../src/shards/layout.ts';

/** `compute_key` of img2dataset 1.47, whose width of a place is the logarithm to the base of ten, rounded up. */
const keys: [shardSize: number, index: number, key: string][] = [
  [10_000, 1, '000000000'],
  [10_000, 10_006, '000010005'],
  [10_000, 1_000_000, '000999999'],
  [1000, 1000, '00000999'],
  [1001, 1001, '000001000'],
  [10, 11, '000010'],
  [2, 4, '000011'],
  [1, 3, '00002'],
  [10, 1_000_001, '1000000'],
];

describe('the layout of shards', () => {
  for (const [shardSize, index, key] of keys) {
    it(`row ${index} of shards of ${shardSize} is ${key}`, () => {
      const layout = new ShardLayout('webdataset', shardSize);
      const shard = layout.shardOf(index);
      assert.equal(layout.key(index), key);
      assert.equal(layout.indexOf(shard, layout.placeOfKey(shard, key)!), index);
    });
  }

  it('knows which keys are not of a shard', () => {
    const layout = new ShardLayout('webdataset', 10);
    for (const key of ['000010', '00000', '0000000', '00000x', '', null, 7]) {
      assert.equal(layout.placeOfKey(0, key), null);
    }
  });

  it('names a place for people', () => {
    const places = (['webdataset', 'parquet', 'files'] as const).map((output) =>
      new ShardLayout(output, 10).placeFor({ index: 12 }),
    );
    assert.deepEqual(places, ['00001.tar/000011', '00001.parquet/000011', '00001/000011.{ext}']);
  });

  it('downloads next to the shards, or to where the files stay', () => {
    assert.equal(new ShardLayout('files', 10).target({ index: 12 }), '00001/000011.{member}');
    assert.equal(
      new ShardLayout('parquet', 10).target({ index: 12 }),
      '.gallop/shards/00001/000011.{member}',
    );
  });
});
