import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { EventQueue, running } from '../../src/run/event-queue.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const it of source) result.push(it);
  return result;
}

describe('EventQueue', () => {
  it('hands every event on, in order, and ends', async () => {
    const queue = new EventQueue<number>();
    const read = all(queue);
    for (let n = 0; n < 10_000; n += 1) await queue.push(n);
    queue.end();
    assert.deepEqual(await read, [...Array(10_000).keys()]);
  });

  it('with a reader, everyone who pushes waits for it, however many they are', async () => {
    const queue = new EventQueue<number>();
    const reader = queue[Symbol.asyncIterator]();
    const first = reader.next();
    let pushed = 0;
    const writer = async () => {
      for (let n = 0; n < 3000; n += 1) {
        await queue.push(n);
        pushed += 1;
      }
    };
    const writers = Promise.all([writer(), writer(), writer()]);
    assert.equal((await first).value, 0);
    for (let n = 0; n < 10; n += 1) await turn();
    assert.ok(pushed < 2 * 2000 + 3, `${pushed} while nobody reads`);
    let read = 1;
    const reading = (async () => {
      for (; read < 9000; read += 1) assert.equal((await reader.next()).done, false);
    })();
    await Promise.all([writers, reading]);
    assert.equal(pushed, 9000);
  });

  it('without a reader nobody waits, memory stays bounded, and the last word is kept', async () => {
    const queue = new EventQueue<number>();
    for (let n = 0; n < 100_000; n += 1) assert.equal(queue.push(n), undefined);
    queue.end();
    assert.deepEqual(await all(queue), [...Array(1999).keys(), 99_999]);
  });

  it('a reader that leaves lets everyone go on', async () => {
    const queue = new EventQueue<number>();
    const writer = async () => {
      for (let n = 0; n < 10_000; n += 1) await queue.push(n);
    };
    const writers = Promise.all([writer(), writer()]);
    for await (const event of queue) if (event === 5) break;
    await writers;
  });

  it('offers are dropped where the queue is full', async () => {
    const queue = new EventQueue<string>();
    const reader = queue[Symbol.asyncIterator]();
    const first = reader.next();
    for (let n = 0; n < 2500; n += 1) queue.offer('tick');
    queue.end();
    let read = (await first).done ? 0 : 1;
    while (!(await reader.next()).done) read += 1;
    assert.equal(read, 2000);
  });
});

describe('running', () => {
  it('begins at once, and settles without a reader', async () => {
    let begun = false;
    const run = running<number, string>(async (queue) => {
      begun = true;
      for (let n = 0; n < 5000; n += 1) await queue.push(n);
      return 'done';
    });
    assert.ok(begun);
    assert.equal(await run.summary, 'done');
  });

  it('a failure reaches the reader after the events, and the summary; alone it is no unhandled rejection', async () => {
    const fail = () =>
      running<number, never>(async (queue) => {
        await queue.push(1);
        throw new Error('broken');
      });
    fail();
    await turn();
    const run = fail();
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const event of run) seen.push(event);
    }, /broken/);
    assert.deepEqual(seen, [1]);
    await assert.rejects(run.summary, /broken/);
  });
});
