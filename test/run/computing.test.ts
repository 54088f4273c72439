import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { type DownloadOptions, download } from '../../src/index.ts';
import { pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

/** It takes longer to compute than to fetch. */
const large = await sharp({
  create: {
    width: 1600,
    height: 1200,
    channels: 3,
    background: '#204060',
    noise: { type: 'gaussian', mean: 128, sigma: 30 },
  },
})
  .webp({ quality: 60, effort: 0 })
  .toBuffer();

/** At each request, how many pictures had their outcome; and the most that were said to be computed at once. */
async function outcomesAtRequests(count: number, options: DownloadOptions) {
  using work = scratch();
  let outcomes = 0;
  let mostComputing = 0;
  const atRequests: number[] = [];
  await using server = await pictureServer((_path, response) => {
    atRequests.push(outcomes);
    response.writeHead(200, { 'content-length': large.length }).end(large);
    return true;
  });
  const urls = Array.from({ length: count }, (_, n) => `${server.url}/${n}.webp`);
  const run = download(urls, { dir: work.path, resize: 200, retries: 0, ...options });
  for await (const event of run) {
    if (event.event === 'outcome') outcomes += 1;
    if (event.event === 'progress') mostComputing = Math.max(mostComputing, event.computing);
  }
  const { saved, peakInFlight, reason } = await run.summary;
  assert.equal(saved, count);
  return { atRequests, mostComputing, peakInFlight, reason, peakServed: server.peakInFlight };
}

describe('while a picture is computed', () => {
  it('sync has nothing in flight', async () => {
    const { atRequests } = await outcomesAtRequests(6, { strategy: 'sync' });
    assert.deepEqual(atRequests, [0, 1, 2, 3, 4, 5]);
  });

  for (const strategy of ['async', 'auto'] as const) {
    it(`${strategy} fetches others, and no more at once than it may`, async () => {
      const { atRequests, peakInFlight, peakServed } = await outcomesAtRequests(12, { strategy, perHost: 1 });
      assert.deepEqual([peakInFlight, peakServed], [1, 1]);
      assert.ok(atRequests.at(-1)! < 11, String(atRequests));
    });
  }

  it('no more are fetched than may wait to be computed; auto says what the limit was', async () => {
    const most = 16 * availableParallelism();
    const count = most + 40;
    const options = { strategy: 'auto', perHost: 4 } as const;
    const { atRequests, mostComputing, reason } = await outcomesAtRequests(count, options);
    const ahead = atRequests.map((outcomes, requests) => requests - outcomes);
    // Those that compute are among them; four were on their way when the last place was taken.
    assert.ok(Math.max(...ahead) <= most + 4, String(Math.max(...ahead)));
    assert.ok(mostComputing > 0 && mostComputing <= most + 4, String(mostComputing));
    // What else it says is of the machine: a busy one has its event loop busy, too, and tries another thread.
    assert.match(
      reason!,
      /^computing the pictures was the limit, not waiting(; in \d+ threads|; another thread [\w ]+)?$/,
    );
  });

  it('a worker has no other download, as in a pool elsewhere', async () => {
    const { atRequests } = await outcomesAtRequests(6, { strategy: 'threads', workers: 1 });
    assert.ok(
      atRequests.every((outcomes, requests) => requests - outcomes <= 1),
      String(atRequests),
    );
  });
});
