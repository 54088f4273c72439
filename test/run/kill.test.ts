import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type StrategyName, strategyNames } from '../../src/index.ts';
import { killAndGoOn } from '../soak/kills.ts';
import { sources } from '../soak/program.ts';
import type { ServerKind } from '../soak/slow-server.ts';

/** Kills of each strategy; `npm run soak` has more of them, against every kind of server. */
const kills = 4;
const servers: Record<StrategyName, ServerKind> = {
  sync: 'slow',
  threads: 'ranges',
  processes: 'slow',
  async: 'ranges',
  auto: 'plain',
};

describe('kill -9 at any moment, then the same again', { concurrency: 3 }, () => {
  for (const [n, strategy] of strategyNames.entries()) {
    it(`${strategy}: nothing torn, nothing lost, nothing fetched twice that the disk can prove`, async () => {
      const plan = { program: sources, strategy, kills, server: servers[strategy], seed: n + 1 };
      const figures = await killAndGoOn(plan);
      assert.ok(figures.kills >= 2, `only ${figures.kills} kills found it running`);
    });
  }
});
