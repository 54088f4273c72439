import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTarget } from './check-target.ts';
import { shareOf, targets } from './targets.ts';

/** Of `npm run fuzz`, as much as a few seconds have room for; the same inputs every time. */
const [seed, inputs] = [1, 60_000];

describe('whatever others wrote, nothing but the known errors comes of it', () => {
  for (const target of targets) {
    it(target.name, async () => {
      const { failure } = await checkTarget(target, { seed, inputs: shareOf(target, targets, inputs) });
      assert.equal(failure, null, `seed ${seed}, ${failure?.input}: ${failure?.message}`);
    });
  }
});
