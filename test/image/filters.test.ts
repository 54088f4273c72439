import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SkipCode } from '../../src/core/outcome.ts';
import type { FilterSpec } from '../../src/core/stage.ts';
import { skipOf } from '../../src/image/filters.ts';

const all: FilterSpec = { minSize: null, maxAspect: null, maxPixels: null, mime: [], ignoreRobots: false };
const jpeg = (width: number | null, height: number | null) => ({ mime: 'image/jpeg', width, height });

describe('filters', () => {
  const rows: [
    name: string,
    spec: Partial<FilterSpec>,
    taken: [number, number],
    left: [number, number],
    SkipCode,
  ][] = [
    ['the smaller side', { minSize: 100 }, [100, 300], [300, 99], 'too-small'],
    ['all pixels', { maxPixels: 10_000 }, [100, 100], [101, 100], 'too-large'],
    ['the longer side to the shorter', { maxAspect: 2 }, [100, 200], [201, 100], 'too-long'],
  ];
  for (const [name, spec, taken, left, code] of rows) {
    it(`${name}: at the bound it is taken, beyond it is skipped, unknown it is taken`, () => {
      assert.equal(skipOf(jpeg(...taken), { ...all, ...spec }), null);
      const skip = skipOf(jpeg(...left), { ...all, ...spec });
      assert.equal(skip?.code, code);
      assert.ok(skip?.message.startsWith(`${left[0]} x ${left[1]} pixels, `), skip?.message);
      for (const unknown of [jpeg(null, null), jpeg(null, left[1]), jpeg(left[0], null)]) {
        assert.equal(skipOf(unknown, { ...all, ...spec }), null);
      }
      const turned = { mime: 'image/jpeg', width: left[1], height: left[0] };
      assert.equal(skipOf(turned, { ...all, ...spec })?.code, code);
    });
  }

  it('the type, also of what has no pixels', () => {
    const spec = { ...all, mime: ['image/png', 'image/jpeg'] };
    assert.equal(skipOf(jpeg(1, 1), spec), null);
    assert.deepEqual(skipOf({ mime: 'video/mp4', width: null, height: null }, spec), {
      code: 'mime',
      message: 'video/mp4, not image/png or image/jpeg',
    });
  });
});
