import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { allot } from '../../src/origin/allot.ts';
import { album, between, fetchAll, fetchOne } from './fetching.ts';

test('a first request takes two round trips and the think time, the next on the same connection one', async (t) => {
  const { links } = await album(t, { rttMs: 60, thinkMs: [50, 50], bytes: 4000 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const first = await fetchOne(links[0]!, agent);
  const second = await fetchOne(links[1]!, agent);
  between(first.firstMs, 165, 800);
  between(second.firstMs, 105, 600);
  assert.ok(first.firstMs - second.firstMs > 25, `${first.firstMs} and ${second.firstMs}`);
});

test('a connection carries its bytes a second, however many pictures', async (t) => {
  const { links, total } = await album(t, { connectionBytesPerSecond: 1_000_000 });
  const { fetched, seconds } = await fetchAll(t, links, 1);
  assert.equal(
    fetched.reduce((sum, { bytes }) => sum + bytes, 0),
    total,
  );
  between(seconds, (total / 1_000_000) * 0.98, total / 1_000_000 + 1);
});

test('connections add up until the link is full, and no further', async (t) => {
  const { links, total } = await album(t, {
    connectionBytesPerSecond: 300_000,
    linkBytesPerSecond: 1_000_000,
  });
  const { seconds, fetched } = await fetchAll(t, links, 8);
  between(seconds, (total / 1_000_000) * 0.95, total / 1_000_000 + 1);
  assert.ok(fetched.every(({ bytes }) => bytes > 0));
});

test('the link is shared fairly', async (t) => {
  const { links, total } = await album(t, { images: 4, linkBytesPerSecond: 400_000 });
  const { fetched } = await fetchAll(t, links, 4);
  // Alone on the link the first would take a quarter of this.
  for (const { totalMs, bytes } of fetched) {
    between(totalMs, (bytes / 400_000) * 1000 * 2.5, (total / 400_000) * 1000 + 800);
  }
});

test('slow start takes a round trip for each doubling, and a kept connection has its window already', async (t) => {
  const { links } = await album(t, { rttMs: 50, slowStart: true, bytes: 100_000, images: 2 });
  const { fetched } = await fetchAll(t, links, 1);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const cold = await fetchOne(links[0]!, agent);
  const warm = await fetchOne(links[0]!, agent);
  assert.ok(fetched.every(({ status }) => status === 200));
  // 14.6, 43.8, 102.2 KB are through after no, one, two round trips.
  const rounds = cold.bytes <= 102_200 ? 2 : 3;
  between(cold.totalMs - cold.firstMs, rounds * 50 - 12, 700);
  assert.ok(warm.totalMs - warm.firstMs < cold.totalMs - cold.firstMs - 25, 'warm is not faster');
});

test('above a knee of mode 429 requests are answered 429 with Retry-After', async (t) => {
  const { origin, links } = await album(t, { knee: 3, rttMs: 20, connectionBytesPerSecond: 150_000 });
  const { fetched } = await fetchAll(t, links, 8);
  const refused = fetched.filter(({ status }) => status === 429);
  assert.equal(refused.length, 5);
  assert.ok(refused.every(({ retryAfter }) => retryAfter === '1'));
  const { throttled } = (await (await fetch(`${origin.url}/stats`)).json()) as { throttled: number };
  assert.equal(throttled, 5);
  const few = await fetchAll(t, links.slice(0, 3), 3);
  assert.ok(few.fetched.every(({ status }) => status === 200));
});

test('above a knee of mode slow everyone is served in proportion slower', async (t) => {
  const { links, total } = await album(t, { knee: 2, kneeMode: 'slow', connectionBytesPerSecond: 500_000 });
  const { fetched, seconds } = await fetchAll(t, links, 8);
  assert.ok(fetched.every(({ status }) => status === 200));
  // Eight get what two would: 2 x 500,000 B/s, not 8 x.
  between(seconds, (total / 1_000_000) * 0.9, total / 1_000_000 + 1.5);
});

test('think times belong to the picture, not to the order of the requests', async (t) => {
  const { links } = await album(t, { thinkMs: [0, 300], bytes: 3000 });
  const forth = await fetchAll(t, links, 8);
  const back = await fetchAll(t, [...links].reverse(), 8);
  const times = back.fetched.map(({ firstMs }) => firstMs).reverse();
  const order = (list: number[]) => list.map((ms, i) => [ms, i] as const).sort((a, b) => a[0] - b[0]);
  const [slowest, fastest] = [order(times).at(-1)![1], order(times)[0]![1]];
  const firstTimes = forth.fetched.map(({ firstMs }) => firstMs);
  assert.ok(firstTimes[slowest]! > firstTimes[fastest]! + 50);
});

test('what is shared is never more than there is, and nobody gets less than an equal share or its wish', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e6), { minLength: 1, maxLength: 50 }), fc.nat(1e7), (wishes, capacity) => {
      const got = [...wishes];
      const given = allot(got, capacity);
      assert.ok(given <= capacity * 1.000001 + 1e-6);
      for (const [i, wish] of wishes.entries()) {
        assert.ok(got[i]! <= wish);
        assert.ok(got[i]! >= Math.min(wish, (capacity / wishes.length) * 0.999999));
      }
    }),
  );
});
