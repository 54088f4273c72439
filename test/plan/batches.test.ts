import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { batches } from '../../src/plan/batches.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const it of source) result.push(it);
  return result;
}

test('what is there already comes in full batches, in order', async () => {
  async function* quick() {
    for (let n = 0; n < 25; n += 1) yield n;
  }
  const found = await all(batches(quick(), 10));
  assert.deepEqual(
    found.map(({ length }) => length),
    [10, 10, 5],
  );
  assert.deepEqual(found.flat(), [...Array(25).keys()]);
});

test('what is not there yet is not waited for', async () => {
  const waiting: (() => void)[] = [];
  async function* slow() {
    for (let n = 0; n < 3; n += 1) {
      yield n;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }
  const found = batches(slow(), 10);
  for (const n of [0, 1, 2]) {
    assert.deepEqual(await found.next(), { value: [n], done: false });
    while (waiting.length <= n) await turn();
    waiting[n]!();
  }
  assert.equal((await found.next()).done, true);
});

test('a source that fails does so after what came before is handed on', async () => {
  async function* failing() {
    yield* [1, 2, 3];
    throw new Error('cut off');
  }
  const found = batches(failing(), 10);
  assert.deepEqual((await found.next()).value, [1, 2, 3]);
  await assert.rejects(found.next(), /cut off/);
});

test('it reads no more than one ahead, and lets the source go when it is left', async () => {
  let [given, isClosed] = [0, false];
  async function* endless() {
    try {
      for (;;) yield given++;
    } finally {
      isClosed = true;
    }
  }
  for await (const batch of batches(endless(), 10)) {
    assert.equal(batch.length, 10);
    break;
  }
  assert.ok(isClosed);
  assert.ok(given <= 11, String(given));
});

test('while a full batch is worked on, the source is not asked for more', async () => {
  let given = 0;
  async function* endless() {
    for (;;) yield given++;
  }
  const found = batches(endless(), 10);
  await found.next();
  for (let n = 0; n < 5; n += 1) await turn();
  assert.equal(given, 10);
  assert.deepEqual((await found.next()).value, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  await found.return(undefined);
});

test('an empty source has no batch', async () => {
  async function* empty(): AsyncGenerator<number> {}
  assert.deepEqual(await all(batches(empty(), 10)), []);
});
