import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { instantNetwork } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import type { OriginStats } from '../../src/origin/stats.ts';
import { scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

const statsOf = async ({ url }: Origin) => (await (await fetch(`${url}/stats`)).json()) as OriginStats;

/** The album of `origin` under `auto`. */
async function run(origin: Origin, more: Partial<RunSpec> = {}) {
  using work = scratch();
  const spec = resolveRunSpec({
    sources: [`https://imgur.com/a/${origin.albumId}`],
    imgurApi: origin.url,
    dir: work.path,
    strategy: 'auto',
    ...more,
  });
  return await startRun(spec, { environment: { CLIENT_ID: 'x' } }).summary;
}

describe('auto on a network', { concurrency: true }, () => {
  it('fills a far one up to its ceiling within a few round trips', async () => {
    const origin = await startOrigin({
      ...instantNetwork,
      images: 300,
      bytes: 4000,
      kinds: ['jpeg'],
      rttMs: 150,
      connectionBytesPerSecond: 20_000,
    });
    try {
      const { saved, peakInFlight, seconds } = await run(origin, { concurrency: 60 });
      assert.equal(saved, 300);
      assert.equal(peakInFlight, 60);
      // Ten at a time would take 300 / 10 * (0.15 s + 0.2 s), over 10 s.
      assert.ok(seconds < 9, `${seconds} s`);
    } finally {
      await origin.close();
    }
  });

  it('learns from few refusals what a host takes, and finishes', async () => {
    const origin = await startOrigin({
      ...instantNetwork,
      images: 250,
      bytes: 4000,
      kinds: ['jpeg'],
      rttMs: 40,
      knee: 12,
    });
    try {
      const { saved, failed } = await run(origin, { retries: 6 });
      assert.deepEqual([saved, failed], [250, 0]);
      const { throttled } = await statsOf(origin);
      assert.ok(throttled < 90, `${throttled} refusals for 250 pictures`);
    } finally {
      await origin.close();
    }
  });

  it('keeps below --per-host', async () => {
    const origin = await startOrigin({
      ...instantNetwork,
      images: 60,
      bytes: 4000,
      kinds: ['jpeg'],
      rttMs: 20,
    });
    try {
      const { saved, peakInFlight } = await run(origin, { perHost: 7 });
      assert.deepEqual([saved, peakInFlight], [60, 7]);
      assert.ok((await statsOf(origin)).peakInFlight <= 8);
    } finally {
      await origin.close();
    }
  });
});
