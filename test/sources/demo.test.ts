import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { demo } from '../../src/sources/demo.ts';
import { all, testContext } from './support.ts';

describe('demo:', () => {
  it('starts an origin, lists its album the same on every run, and leaves it up until the run is over', async () => {
    const keys: string[][] = [];
    for (let run = 0; run < 2; run += 1) {
      const context = testContext({}, { environment: {} });
      const items = await all(demo.items('demo:?images=3&rtt=0&think=0', context));
      assert.deepEqual(context.totals, [3]);
      assert.deepEqual(
        items.map(({ reach }) => reach),
        [['loopback'], ['loopback'], ['loopback']],
      );
      const { pathname, hostname } = new URL(items[0]!.url);
      assert.equal(hostname, '127.0.0.1');
      assert.ok(pathname.length > 1);

      const answer = await fetch(items[0]!.url);
      assert.equal(answer.status, 200);
      assert.equal((await answer.arrayBuffer()).byteLength, items[0]?.expect?.bytes);
      for (const close of context.closers) await close();
      await assert.rejects(fetch(items[0]!.url));
      keys.push(items.map(({ key }) => key));
    }
    assert.deepEqual(keys[0], keys[1]);
  });

  it('refuses a parameter that there is not', async () => {
    await assert.rejects(all(demo.items('demo:?pictures=3', testContext())), UsageError);
  });
});
