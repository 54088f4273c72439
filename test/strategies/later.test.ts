import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Later } from '../../src/strategies/later.ts';

test('what is due comes in order of time, and what came first goes first', () => {
  const later = new Later<string>();
  for (const [what, at] of [
    ['c', 30],
    ['a', 10],
    ['d', 40],
    ['b', 20],
    ['b2', 20],
  ] as const) {
    later.add(what, at);
  }
  assert.equal(later.nextAt, 10);
  assert.deepEqual([...later.due(9)], []);
  assert.deepEqual([...later.due(20)], ['a', 'b', 'b2']);
  assert.deepEqual([later.size, later.nextAt], [2, 30]);
  later.clear();
  assert.deepEqual([[...later.due(99)], later.nextAt], [[], undefined]);
});
