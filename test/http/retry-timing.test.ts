import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backOffMs, hostPauseMs, parseRetryAfter } from '../../src/http/retry-timing.ts';

describe("a host's pause", () => {
  it('doubles as back-off does, and half of it is sure', () => {
    const bounds = [1, 2, 3, 7].map((count) => [hostPauseMs(count, () => 0), hostPauseMs(count, () => 1)]);
    assert.deepEqual(bounds, [
      [200, 400],
      [400, 800],
      [800, 1600],
      [10_000, 20_000],
    ]);
  });
});

describe('back-off', () => {
  it('doubles from 400 ms up to 20 s, and its jitter is the whole of it', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((attempt) => backOffMs(attempt, () => 1));
    assert.deepEqual(longest, [400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000, 20_000]);
    assert.equal(
      backOffMs(5, () => 0),
      0,
    );
    assert.equal(
      backOffMs(2, () => 0.25),
      200,
    );
  });
});

describe('Retry-After', () => {
  const now = Date.parse('Tue, 15 Nov 1994 08:12:31 GMT');
  const cases: [value: string | undefined, ms: number | undefined][] = [
    ['0', 0],
    [' 120 ', 120_000],
    ['86400', 86_400_000],
    ['Tue, 15 Nov 1994 08:12:33 GMT', 2000],
    ['Tuesday, 15-Nov-94 08:12:33 GMT', 2000],
    ['Tue, 15 Nov 1994 08:00:00 GMT', 0],
    [undefined, undefined],
    ['', undefined],
    ['soon, maybe', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e9', undefined],
    ['2030', 2_030_000],
    // For ever, and said so: a clock that goes on must not come past the last day that there is.
    ['99999999999999999999', 1e13],
    ['Sat, 13 Sep 275760 00:00:00 GMT', 1e13],
    ['Tue, never', undefined],
  ];
  for (const [value, ms] of cases) {
    it(`'${value}' is ${ms} ms`, () => assert.equal(parseRetryAfter(value, now), ms));
  }
});
