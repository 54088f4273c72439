import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { Conditions } from '../../src/origin/conditions.ts';
import { defaultOriginOptions } from '../../src/origin/options.ts';
import { album, fetchAll, fetchOne, statsOf } from './fetching.ts';

test('after so many requests for pictures the network is another one, until the origin is reset', async (t) => {
  const { origin, links } = await album(t, {
    bytes: 3000,
    change: { afterRequests: 2 },
    changed: { thinkMs: [700, 700] },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const isSlow = async (link: string) => (await fetchOne(link, agent)).firstMs >= 690;
  const seen: boolean[] = [];
  for (const link of links.slice(0, 3)) seen.push(await isSlow(link));
  assert.deepEqual(seen, [false, false, true]);
  assert.equal((await fetch(`${origin.url}/reset`, { method: 'POST' })).status, 204);
  assert.equal(await isSlow(links[3]!), false);
});

test('a change by time counts from the first picture, and replaces what it names alone', () => {
  let now = 5000;
  const options = {
    ...defaultOriginOptions,
    change: { afterMs: 1000 },
    changed: { rttMs: 7, knee: 3 },
  };
  const conditions = new Conditions(options, () => now);
  const seen = () => [
    conditions.current.rttMs,
    conditions.current.knee,
    conditions.current.linkBytesPerSecond,
  ];
  const before = [40, null, 50_000_000];
  now += 9000;
  assert.deepEqual(seen(), before);
  conditions.count();
  now += 999;
  conditions.count();
  assert.deepEqual(seen(), before);
  now += 1;
  assert.deepEqual(seen(), [7, 3, 50_000_000]);
  conditions.reset();
  assert.deepEqual(seen(), before);
});

test('after a reset counts begin again, planned faults come again, and a full bucket is full again', async (t) => {
  const { origin, links } = await album(t, {
    images: 4,
    requestsPerSecond: 0.1,
    burst: 4,
    faultShare: 0.25,
    seed: 2,
  });
  const statuses = async () => {
    const agent = new Agent({ keepAlive: false });
    const settled = await Promise.allSettled(links.map((link) => fetchOne(link, agent)));
    return settled.map((one) => (one.status === 'fulfilled' ? one.value.status : 'broken'));
  };
  const first = await statuses();
  assert.equal(first.filter((status) => status !== 200).length, 1);
  assert.ok((await statuses()).every((status) => status === 503));
  await fetch(`${origin.url}/reset`, { method: 'GET' });
  assert.ok((await statsOf(origin)).requests > 8);
  await fetch(`${origin.url}/reset`, { method: 'POST' });
  const { requests, peakInFlight, bytes, paths, statuses: none } = await statsOf(origin);
  assert.deepEqual([requests, peakInFlight, paths, none], [0, 0, {}, {}]);
  assert.ok(bytes < 2000, `${bytes}`);
  assert.deepEqual(await statuses(), first);
  assert.equal((await statsOf(origin)).requests, 4);
});

test('what a page of elsewhere asks does not reset', async (t) => {
  const { origin, links } = await album(t, { images: 1 });
  await fetchAll(t, links, 1);
  for (const own of ['http://example.com', new URL(origin.url).host]) {
    const answer = await fetch(`${origin.url}/reset`, { method: 'POST', headers: { Origin: own } });
    assert.equal(answer.status, 403, own);
  }
  assert.equal((await statsOf(origin)).requests, 2);
});
