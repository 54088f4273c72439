import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load } from '../soak/load.ts';
import { faultKinds } from '../soak/load-items.ts';
import { sources } from '../soak/program.ts';

/** `npm run soak` does it with 100,000, by which memory must not have grown. */
const items = 3000;

describe('many items, some of them faulty', { concurrency: 2 }, () => {
  for (const [n, strategy] of (['threads', 'processes', 'async', 'auto'] as const).entries()) {
    it(`${strategy}: of ${items} items, 5 % of them with faults of ${faultKinds} kinds, each has its one right outcome, and the process ends by itself`, async () => {
      const { saved, failed, faults } = await load({ program: sources, strategy, items, seed: n + 1 });
      assert.equal(saved + failed, items);
      assert.ok(failed > 50 && failed < faults, `${failed} failed`);
    });
  }
});
