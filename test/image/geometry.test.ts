import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResizeMode } from '../../src/core/stage.ts';
import { geometryOf } from '../../src/image/geometry.ts';

const final = (
  width: number,
  height: number,
  resizeMode: ResizeMode,
  resize: number | null,
  onlyIfBigger = false,
): string | null => {
  const geometry = geometryOf({ width, height }, { resize, resizeMode, onlyIfBigger });
  return geometry === null ? null : `${geometry.final.width}x${geometry.final.height}`;
};

describe('sizes are those of img2dataset', () => {
  it('keep_ratio: the smaller side has the size; keep_ratio_largest: the larger', () => {
    assert.equal(final(1600, 1200, 'keep_ratio', 256), '341x256');
    assert.equal(final(1200, 1600, 'keep_ratio', 256), '256x341');
    assert.equal(final(1600, 1200, 'keep_ratio_largest', 256), '256x192');
    assert.equal(final(100, 50, 'keep_ratio_largest', 256), '256x128');
  });

  it('a half is rounded to the even number, as Python does', () => {
    // 256 x 0.501953125 = 128.5, 258 x 0.501953125 is not.
    assert.equal(final(512, 257, 'keep_ratio_largest', 256), '256x128');
    assert.equal(final(512, 259, 'keep_ratio_largest', 256), '256x130');
    assert.equal(final(512, 258, 'keep_ratio_largest', 256), '256x129');
  });

  it('border and center_crop give squares; the middle is where albumentations has it', () => {
    assert.deepEqual(
      geometryOf({ width: 512, height: 259 }, { resize: 256, resizeMode: 'border', onlyIfBigger: false }),
      { scaled: { width: 256, height: 130 }, final: { width: 256, height: 256 }, left: 0, top: 63 },
    );
    assert.deepEqual(
      geometryOf(
        { width: 333, height: 222 },
        { resize: 100, resizeMode: 'center_crop', onlyIfBigger: false },
      ),
      { scaled: { width: 150, height: 100 }, final: { width: 100, height: 100 }, left: 25, top: 0 },
    );
    // 151 - 100 is odd: the cut is half a pixel to the left.
    assert.equal(
      geometryOf({ width: 151, height: 100 }, { resize: 100, resizeMode: 'center_crop', onlyIfBigger: false })
        ?.left,
      25,
    );
  });

  it('only if bigger: by the side that the mode speaks of', () => {
    assert.equal(final(300, 200, 'keep_ratio', 256, true), null);
    assert.equal(final(300, 200, 'center_crop', 256, true), null);
    assert.equal(final(300, 200, 'keep_ratio_largest', 256, true), '256x171');
    assert.equal(final(200, 100, 'border', 256, true), null);
    assert.equal(final(256, 100, 'border', 256, true), null);
    assert.equal(final(300, 256, 'center_crop', 256, true), null);
    assert.equal(final(300, 257, 'center_crop', 256, true), '256x256');
    assert.equal(final(300, 257, 'keep_ratio', 256, true), '299x256');
  });

  it('nothing to do is null: no size, no mode, the size already', () => {
    assert.equal(final(300, 200, 'keep_ratio', null), null);
    assert.equal(final(300, 200, 'no', 100), null);
    assert.equal(final(256, 100, 'keep_ratio_largest', 256), null);
    assert.equal(final(256, 256, 'border', 256), null);
    assert.equal(final(256, 100, 'border', 256), '256x256');
  });

  it('a thread keeps one pixel', () => {
    assert.equal(final(10_000, 3, 'keep_ratio_largest', 256), '256x1');
  });
});
