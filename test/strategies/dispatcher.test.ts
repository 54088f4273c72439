import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { DiskError, ListingError } from '../../src/core/errors.ts';
import type { Item } from '../../src/core/item.ts';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { RunSpec, Work } from '../../src/core/run-spec.ts';
import { dispatcher, take, workFrom } from '../support/dispatching.ts';
import { answer, Gate, pictureServer } from '../support/picture-server.ts';
import { filesIn, partsIn, scratch, until } from '../support/scratch.ts';

const specFor = (dir: string, more: Partial<RunSpec> = {}) =>
  resolveRunSpec({ dir, strategy: 'async', name: '{name}.{ext}', retries: 0, ...more });

/** What comes before a wait that ends when `stop` aborts, and not by itself. */
async function* thenNothing(items: Iterable<Item>, stop: AbortSignal): AsyncGenerator<Work> {
  yield* workFrom(items);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve());
  });
}

const hangs = () => {
  const gate = new Gate();
  return {
    gate,
    behaviour: (path: string, response: Parameters<typeof answer>[1]) => {
      // Large ones begin, so that there is something on the disk to clear away.
      if (path.includes('/900000/')) {
        response.writeHead(200, { 'content-length': 900_000 });
        response.write(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500_000)]));
      }
      gate.hold(() => answer(path, response));
      return true;
    },
  };
};

for (const strategy of ['async', 'threads', 'processes'] as const) {
  test(`${strategy}: what is still in flight when the grace is over is broken off and cleared away`, async () => {
    using work = scratch();
    const { gate, behaviour } = hangs();
    await using server = await pictureServer(behaviour);
    const controller = new AbortController();
    const spec = specFor(work.path, { strategy, concurrency: 3, workers: 1, perWorker: 3 });
    const team = dispatcher(spec, { signal: controller.signal, graceMs: 50 });
    const outcomes = take(team.run(workFrom(server.items(20, 900_000))));
    await until(() => gate.waiting === 3 && partsIn(work.path).length === 3);
    controller.abort();
    assert.deepEqual(await outcomes, []);
    await team.close();
    assert.deepEqual([filesIn(work.path), partsIn(work.path)], [[], []]);
    assert.equal(server.requests.length, 3);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });
}

test('stopped, it does not wait for a source that gives nothing', async () => {
  using work = scratch();
  await using server = await pictureServer();
  for (const when of ['before', 'after'] as const) {
    const controller = new AbortController();
    const listing = new AbortController();
    if (when === 'before') controller.abort();
    const team = dispatcher(specFor(work.path), {
      signal: controller.signal,
      stopped: () => listing.abort(),
    });
    const outcomes = team.run(thenNothing(server.items(2, 500), listing.signal));
    if (when === 'after') {
      assert.equal((await outcomes.next()).value?.status, 'saved');
      controller.abort();
    }
    for await (const { status } of outcomes) assert.equal(status, 'saved');
    await team.close();
  }
});

test('a disk that refuses ends it at once, also while the source gives nothing', {
  timeout: 60_000,
}, async () => {
  using work = scratch();
  const { gate, behaviour } = hangs();
  await using hanging = await pictureServer(behaviour);
  const listing = new AbortController();
  // Else the downloads end by themselves, some time.
  const spec = specFor(work.path, { stallTimeoutMs: 600_000, timeoutMs: 600_000 });
  const team = dispatcher(spec, { stopped: () => listing.abort() });
  async function* source(): AsyncGenerator<Work> {
    yield* workFrom(hanging.items(3, 3000));
    await until(() => gate.waiting === 3);
    throw new DiskError('no space left', { code: 'no-space' });
  }
  await assert.rejects(take(team.run(source())), DiskError);
  await team.close();
  assert.deepEqual(partsIn(work.path), []);
});

test('a source that fails ends it when what came before is done', async () => {
  using work = scratch();
  await using server = await pictureServer();
  const team = dispatcher(specFor(work.path, { concurrency: 1 }));
  async function* source(): AsyncGenerator<Work> {
    yield* workFrom(server.items(10, 500));
    throw new ListingError('the list is cut off', { code: 'bad-file' });
  }
  const saved: string[] = [];
  await assert.rejects(async () => {
    for await (const { key } of team.run(source())) saved.push(key);
  }, ListingError);
  await team.close();
  assert.equal(saved.length, 10);
});

test('who leaves the iteration early is let go when nothing is in flight any more', async () => {
  using work = scratch();
  const { gate, behaviour } = hangs();
  await using server = await pictureServer((path, response) =>
    path.includes('/500/') ? false : behaviour(path, response),
  );
  const items = [server.item('/500/first.jpg', 1), ...server.items(5, 900_000)];
  const team = dispatcher(specFor(work.path));
  for await (const _ of team.run(workFrom(items))) {
    await until(() => gate.waiting === 5 && partsIn(work.path).length === 5);
    break;
  }
  assert.equal(team.inFlight, 0);
  assert.deepEqual(partsIn(work.path), []);
  await team.close();
});

test('nothing is lost between a quick source, full queues and a taker of changing speed', async () => {
  using work = scratch();
  await using server = await pictureServer((_, response) => {
    response.writeHead(404).end();
    return true;
  });
  const count = 3500;
  const team = dispatcher(specFor(work.path, { concurrency: 40, perHost: 30 }));
  const keys = new Set<string>();
  for await (const { key } of team.run(workFrom(server.items(count, 500)))) {
    keys.add(key);
    // Now and then so slow that everything before it fills up and stands still.
    if (keys.size % 1100 === 0) await until(() => server.inFlight === 0);
    else if (keys.size % 50 === 0) await turn();
  }
  assert.equal(keys.size, count);
  assert.equal(server.requests.length, count);
  await team.close();
});

test('a taker that stands still bounds what is read ahead and what is downloaded', async () => {
  using work = scratch();
  await using server = await pictureServer((_, response) => {
    response.writeHead(404).end();
    return true;
  });
  let taken = 0;
  const team = dispatcher(specFor(work.path, { concurrency: 20 }));
  const outcomes = team.run(workFrom(server.items(6000, 500), () => taken++));
  await outcomes.next();
  // Everything settles: what may be held is held, and nobody asks for more.
  for (let still = 0, before = 0; still < 20; still += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (server.requests.length !== before || team.inFlight > 0) still = 0;
    before = server.requests.length;
  }
  const requested = server.requests.length;
  assert.ok(requested >= 1000 && requested <= 1000 + 2 * 20 + 1, `${requested} requested`);
  assert.ok(taken <= requested + 1000 + 2, `${taken} taken`);
  await outcomes.return(undefined);
  await team.close();
});

test('a host that pauses holds up no other', async () => {
  using work = scratch();
  let refused = 0;
  await using busy = await pictureServer((_, response) => {
    refused += 1;
    response.writeHead(429, { 'retry-after': '3600' }).end();
    return true;
  });
  await using quick = await pictureServer();
  const items = [
    busy.item('/500/first.jpg', 1),
    ...Array.from({ length: 30 }, (_, at) => busy.item(`/500/b${at}.jpg`, at)),
    ...quick.items(30, 500),
  ];
  const controller = new AbortController();
  const team = dispatcher(
    specFor(work.path, { concurrency: 10, perHost: 2, patienceMs: 4_000_000, timeoutMs: 9e6, retries: 3 }),
    {
      signal: controller.signal,
      graceMs: 0,
    },
  );
  let saved = 0;
  for await (const { status } of team.run(workFrom(items))) {
    if (status === 'saved') saved += 1;
    if (saved === 30) controller.abort();
  }
  assert.equal(saved, 30);
  assert.ok(refused <= 2, `${refused} times`);
  await team.close();
});

for (const strategy of ['threads', 'processes'] as const) {
  test(`${strategy}: a pause that a host asked of one worker is kept by another, in its own retries`, async () => {
    using work = scratch();
    const gate = new Gate();
    const asked: number[] = [];
    let refusedAt = 0;
    await using server = await pictureServer((path, response, turn) => {
      asked.push(performance.now());
      if (turn > 1) return false;
      gate.hold(() => {
        const isFirst = refusedAt === 0;
        if (isFirst) refusedAt = performance.now();
        response.writeHead(isFirst ? 429 : 500, isFirst ? { 'retry-after': '2' } : {}).end(path);
      });
      return true;
    });
    const spec = specFor(work.path, { strategy, workers: 2, perWorker: 1, retries: 2 });
    const { promise: paused, resolve } = Promise.withResolvers<void>();
    const team = dispatcher(spec, { paused: () => resolve() });
    const outcomes = take(team.run(workFrom(server.items(2, 3000))));
    await until(() => gate.waiting === 2);
    gate.releaseOne();
    await paused;
    gate.release();
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['saved', 'saved'],
    );
    await team.close();
    // Node's timers may fire a little early.
    for (const at of asked.slice(2)) assert.ok(at - refusedAt >= 1990, `${at - refusedAt} ms`);
  });
}

test('--limit-rate is divided among the places', async () => {
  using work = scratch();
  await using server = await pictureServer();
  const spec = specFor(work.path, {
    strategy: 'threads',
    workers: 2,
    perWorker: 1,
    limitBytesPerSecond: 200_000,
  });
  const team = dispatcher(spec);
  const outcomes = await take(team.run(workFrom(server.items(2, 300_000))));
  await team.close();
  // Half of it for each: 3 s, less the burst at the beginning and the last piece. The whole: less than 1.5 s.
  for (const { status, ms } of outcomes)
    assert.ok(status === 'saved' && ms.body >= 1700, `${status}, ${ms.body}`);
});

test('with segments a host has fewer downloads in flight, so that their connections stay below its ceiling', async () => {
  for (const [segments, expected] of [
    [1, 9],
    [4, 2],
    [16, 1],
  ] as const) {
    using work = scratch();
    const gate = new Gate();
    await using server = await pictureServer((path, response) => {
      gate.hold(() => answer(path, response));
      return true;
    });
    const team = dispatcher(specFor(work.path, { concurrency: 40, perHost: 9, segments }));
    const outcomes = take(team.run(workFrom(server.items(20, 3000))));
    await until(() => server.inFlight === expected);
    gate.release();
    assert.equal((await outcomes).length, 20);
    assert.equal(team.peakInFlight, expected);
    await team.close();
  }
});
