import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Readmission } from '../../src/http/readmission.ts';

/** Who is inside, in the order in which they entered. */
function enterAll(readmission: Readmission, count: number): number[] {
  const inside: number[] = [];
  for (let n = 0; n < count; n += 1) {
    void readmission.enter('a').then(() => void inside.push(n));
  }
  return inside;
}

test('a few enter at first, two for each that is served, in their order', async () => {
  const readmission = new Readmission();
  const inside = enterAll(readmission, 20);
  await turn();
  assert.deepEqual(inside, [0, 1, 2, 3]);
  for (let n = 0; n < 4; n += 1) readmission.leave('a', 'served');
  await turn();
  assert.deepEqual(inside, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('one that is refused halves them, and from then on they become more slowly', async () => {
  const readmission = new Readmission();
  const inside = enterAll(readmission, 30);
  await turn();
  for (const how of ['refused', 'served', 'served', 'served'] as const) readmission.leave('a', how);
  await turn();
  // Half of four, and three halves of one more.
  assert.equal(inside.length, 4 + 3);
});

test('one that was not answered makes room, and no more', async () => {
  const readmission = new Readmission();
  const inside = enterAll(readmission, 6);
  await turn();
  readmission.leave('a', 'unanswered');
  await turn();
  assert.equal(inside.length, 5);
});

test('hosts have doors of their own, and an empty one begins anew', async () => {
  const readmission = new Readmission();
  const first = enterAll(readmission, 4);
  await turn();
  await readmission.enter('b');
  for (let n = 0; n < 4; n += 1) readmission.leave('a', 'served');
  const second = enterAll(readmission, 8);
  await turn();
  assert.deepEqual([first.length, second.length], [4, 4]);
});

test('who waits is told when everything has to end', async () => {
  const readmission = new Readmission();
  enterAll(readmission, 4);
  const late = readmission.enter('a');
  readmission.stop(new Error('stopped'));
  await assert.rejects(late, /stopped/);
});

test('who waits for too long is told so, and nobody waits for it', async () => {
  const readmission = new Readmission();
  const inside = enterAll(readmission, 4);
  assert.equal(await readmission.enter('a', 1), false);
  const next = readmission.enter('a', 60_000);
  readmission.leave('a', 'unanswered');
  assert.equal(await next, true);
  assert.equal(inside.length, 4);
});
