import assert from 'node:assert/strict';
import { it } from 'node:test';
import { gapsOf, planSegments } from '../../src/download/segment-plan.ts';

const mb = 1_000_000;

it('gaps are what lies between the bytes that are there, and before the end', () => {
  assert.deepEqual(gapsOf(0, [], 10), [{ from: 0, to: 10 }]);
  const ahead = [
    { from: 3, to: 5 },
    { from: 5, to: 6 },
    { from: 8, to: 9 },
  ];
  assert.deepEqual(gapsOf(2, ahead, 10), [
    { from: 2, to: 3 },
    { from: 6, to: 8 },
    { from: 9, to: 10 },
  ]);
  assert.deepEqual(gapsOf(10, [], 10), []);
  assert.deepEqual(gapsOf(4, [{ from: 3, to: 12 }], 10), []);
});

it('one gap is cut evenly', () => {
  assert.deepEqual(planSegments([{ from: 0, to: 10 * mb }], 3), [
    { from: 0, to: 3_333_333 },
    { from: 3_333_333, to: 6_666_666 },
    { from: 6_666_666, to: 10 * mb },
  ]);
});

it('of several gaps the longest are cut, and all are kept though there are fewer connections', () => {
  const gaps = [
    { from: 0, to: 2 * mb },
    { from: 3 * mb, to: 15 * mb },
  ];
  assert.deepEqual(
    planSegments(gaps, 4).map(({ from }) => from / mb),
    [0, 3, 7, 11],
  );
  assert.deepEqual(planSegments(gaps, 1), gaps);
});

it('nothing is cut into pieces of less than a mebibyte', () => {
  assert.equal(planSegments([{ from: 0, to: 3.5 * 1024 * 1024 }], 16).length, 3);
});
