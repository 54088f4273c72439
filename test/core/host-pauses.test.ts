import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostPauses } from '../../src/core/host-pauses.ts';

const rounded = (pauses: HostPauses) => {
  const { ms, askedMs } = pauses.remaining('a');
  return [Math.ceil(ms / 1000), Math.ceil(askedMs / 1000)];
};

test('a pause is only made longer, and what the host asked for itself is told apart', () => {
  const told: [string, unknown][] = [];
  const pauses = new HostPauses((host, pause) => told.push([host, pause]));
  assert.deepEqual(rounded(pauses), [0, 0]);
  pauses.pause('a', { ms: 5000, asked: false });
  assert.deepEqual(rounded(pauses), [5, 0]);
  pauses.pause('a', { ms: 3000, asked: true });
  assert.deepEqual(rounded(pauses), [5, 3]);
  pauses.pause('a', { ms: 2000, asked: true });
  pauses.pause('a', { ms: 4000, asked: false });
  assert.equal(pauses.announce('a', { ms: 9000, asked: true }), true);
  assert.deepEqual(rounded(pauses), [9, 9]);
  assert.deepEqual(told, [
    ['a', { ms: 5000, asked: false }],
    ['a', { ms: 3000, asked: true }],
  ]);
});
