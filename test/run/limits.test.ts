import { describe, it } from 'node:test';
import { strategyNames } from '../../src/index.ts';
import { dyingWorkers } from '../soak/limits/deaths.ts';
import { smallHeap } from '../soak/limits/memory.ts';
import { goneReader } from '../soak/limits/readers.ts';
import { interrupt } from '../soak/limits/signals.ts';
import { manyAtOnce } from '../soak/limits/two-at-once.ts';
import { sources as program } from '../soak/program.ts';
import { needs } from '../support/needs.ts';
import { hasProc } from '../support/processes.ts';

const noProc = needs(hasProc, 'this system has no /proc to look into processes');

/**
 * In short what `npm run soak` does longer, and in every strategy. A reader of --json that does not read takes long
 * and is left to it: that a run waits for whoever reads its events is proved in events.test.ts.
 */
describe('the command at its limits', { concurrency: 3 }, () => {
  for (const [n, strategy] of strategyNames.entries()) {
    it(`${strategy}: SIGINT and SIGTERM at random moments end it in time with 130, and the next run goes on`, async () => {
      // What does not end by itself takes five seconds; a busy machine adds to them.
      const some = strategy === 'async' ? { signals: 1, endlessAt: 2 } : { signals: 2 };
      await interrupt({ program, strategy, ...some, seed: n + 1, mostEndMs: 10_000 });
    });
  }

  for (const strategy of ['threads', 'processes'] as const) {
    it(`${strategy} that die at random moments lose nothing, and it is said once`, {
      skip: noProc,
    }, async () => {
      await dyingWorkers({ program, strategy, items: 2500, itemsBetween: 600, seed: 1 });
    });
  }

  it('async: forty pictures of 10 MB at once need memory for pieces of them alone', {
    skip: noProc,
  }, async () => {
    const large = { items: 40, bytes: 10_000_000, concurrency: 40 };
    await smallHeap({ program, strategy: 'async', ...large, heapMegabytes: 64, mostResidentMegabytes: 350 });
  });

  it('async: of the same command five times at once one does it, and the others say which', async () => {
    await manyAtOnce({ program, strategy: 'async', commands: 5 });
  });

  it('async: a reader of --json that goes away ends the run quietly, long before its end', async () => {
    await goneReader({ program, strategy: 'async', items: 10_000 });
  });
});
