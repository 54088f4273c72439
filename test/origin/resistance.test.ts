import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { TokenBucket } from '../../src/origin/token-bucket.ts';
import { WorkerQueue } from '../../src/origin/worker-queue.ts';
import { album, between, fetchAll, fetchOne, statsOf } from './fetching.ts';

const count = <T>(list: T[], is: (one: T) => boolean) => list.filter(is).length;

test('a knee of mode 503 refuses with that status, and says nothing of when where it is told so', async (t) => {
  const { origin, links } = await album(t, {
    knee: 3,
    kneeMode: '503',
    retryAfterSeconds: null,
    rttMs: 20,
    connectionBytesPerSecond: 150_000,
  });
  const { fetched } = await fetchAll(t, links, 8);
  const refused = fetched.filter(({ status }) => status === 503);
  assert.equal(refused.length, 5);
  assert.ok(refused.every(({ retryAfter }) => retryAfter === undefined));
  const { statuses, throttled } = await statsOf(origin);
  assert.deepEqual([statuses[503], throttled], [5, 0]);
});

test('above a knee of mode collapse less comes through than at it', async (t) => {
  const { links, total } = await album(t, {
    knee: 2,
    kneeMode: 'collapse',
    bytes: 30_000,
    connectionBytesPerSecond: 300_000,
  });
  const atKnee = await fetchAll(t, links, 2);
  between(atKnee.seconds, (total / 600_000) * 0.9, total / 600_000 + 1);
  const all = await fetchAll(t, links, 8);
  assert.ok([...atKnee.fetched, ...all.fetched].every(({ status }) => status === 200));
  // Eight get a sixteenth each until the first of them end: together half of what two get.
  assert.ok(all.seconds > (total / 600_000) * 1.5, `${all.seconds} and ${atKnee.seconds}`);
});

test('requests above the rate and its burst are refused, and served again when time has passed', async (t) => {
  // A token comes in ten seconds: none while the test runs.
  const { origin, links } = await album(t, { requestsPerSecond: 0.1, burst: 3, retryAfterSeconds: 7 });
  const { fetched } = await fetchAll(t, links, 8);
  assert.equal(
    count(fetched, ({ status }) => status === 200),
    3,
  );
  const refused = fetched.filter(({ status }) => status === 503);
  assert.equal(refused.length, 5);
  assert.ok(refused.every(({ retryAfter }) => retryAfter === '7'));
  assert.deepEqual((await statsOf(origin)).statuses, { 200: 4, 503: 5 });
  const other = await album(t, { requestsPerSecond: 0.1, burst: 1, rateStatus: 429 });
  const again = await fetchAll(t, other.links.slice(0, 2), 1);
  assert.deepEqual(
    again.fetched.map(({ status }) => status),
    [200, 429],
  );
});

test('a bucket fills with time, and no higher than the burst', () => {
  const bucket = new TokenBucket();
  const taken = (nowMs: number) => {
    let tokens = 0;
    while (bucket.take(10, 5, nowMs)) tokens += 1;
    return tokens;
  };
  assert.deepEqual([taken(1000), taken(1000), taken(1050), taken(1100), taken(1300)], [5, 0, 0, 1, 2]);
  assert.equal(taken(60_000), 5);
});

test('requests queue for the workers: the first byte comes later', async (t) => {
  const { links } = await album(t, { workers: 2, thinkMs: [100, 100], bytes: 3000 });
  const { fetched, seconds } = await fetchAll(t, links, 8);
  const firsts = fetched.map(({ firstMs }) => firstMs).sort((a, b) => a - b);
  for (const [i, ms] of firsts.entries()) between(ms, 100 * (Math.floor(i / 2) + 1) - 10, 2000);
  between(seconds, 0.39, 2);
});

test('workers serve in the order of arrival, and rest when there is nothing to do', () => {
  const queue = new WorkerQueue();
  assert.deepEqual(
    [queue.enter(2, 100, 0), queue.enter(2, 50, 0), queue.enter(2, 100, 0), queue.enter(2, 10, 20)],
    [100, 50, 150, 90],
  );
  assert.equal(queue.enter(2, 100, 1000), 100);
  assert.deepEqual([queue.enter(3, 100, 1000), queue.enter(3, 100, 1000)], [100, 100]);
});

test('a share of the requests is refused by lot, the same of each run', async (t) => {
  const { origin, links } = await album(t, { refusedShare: 0.4, retryAfterSeconds: null });
  const statuses = async () => {
    await fetch(`${origin.url}/reset`, { method: 'POST' });
    const { fetched } = await fetchAll(t, Array.from({ length: 20 }, () => links).flat(), 1);
    return fetched.map(({ status }) => status);
  };
  const first = await statuses();
  const refused = count(first, (status) => status === 503);
  between(refused / first.length, 0.3, 0.5);
  assert.equal(refused + count(first, (status) => status === 200), first.length);
  assert.deepEqual(await statuses(), first);
});

test('connections above their limit are reset, and taken again when one is closed', async (t) => {
  const { origin, links } = await album(t, { maxConnections: 3, rttMs: 100 });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const settled = await Promise.allSettled(links.map((link) => fetchOne(link, agent)));
  const codes = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  // The album's listing has one of the three open.
  assert.ok(codes.length >= 5 && codes.every((code) => code === 'ECONNRESET'), `${codes}`);
  agent.destroy();
  const { resets, statuses } = await statsOf(origin);
  assert.equal(resets, codes.length);
  assert.equal(statuses[200], 1 + 8 - codes.length);
});

test('connections above those that are served wait without a word until one is closed', async (t) => {
  const { links } = await album(t, { servedConnections: 2, rttMs: 10 });
  const [first, second, third] = [1, 2, 3].map(() => new Agent({ keepAlive: true }));
  t.after(() => [second!, third!].forEach((agent) => void agent.destroy()));
  for (const agent of [first!, second!]) assert.equal((await fetchOne(links[0]!, agent)).status, 200);
  let hasAnswered = false;
  const left = fetchOne(links[1]!, third!).then(({ status }) => {
    hasAnswered = true;
    return status;
  });
  // The two that are served are served on.
  for (const link of links) for (const agent of [first!, second!]) await fetchOne(link, agent);
  assert.equal(hasAnswered, false);
  first!.destroy();
  assert.equal(await left, 200);
});
