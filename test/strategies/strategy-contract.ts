import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { Outcome, OutcomeEvent, RunEvent, RunSpec } from '../../src/index.ts';
import { dispatcher, take, workFrom } from '../support/dispatching.ts';
import { answer, Gate, pathBytes, pictureServer } from '../support/picture-server.ts';
import { runLibrary } from '../support/run-library.ts';
import { bytesOf, filesIn, partsIn, scratch, until } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

export interface Expected {
  /** What makes the strategy small enough for a test, and `inFlight` true. */
  options: Partial<RunSpec>;
  /** Downloads in flight together, when there is work enough. */
  inFlight: number;
  /** Why several hosts cannot be under way at once; undefined where they can. */
  oneHostAtATime?: string;
}

/** What is true of every strategy. Called once for each. */
export function strategyContract(strategy: RunSpec['strategy'], expected: Expected): void {
  const { inFlight } = expected;
  const specFor = (dir: string, more: Partial<RunSpec> = {}) =>
    resolveRunSpec({ dir, strategy, name: '{name}.{ext}', retries: 1, ...expected.options, ...more });

  describe(strategy, { concurrency: true }, () => {
    it('stores every item with its bytes, says one outcome each, and one failure stops nothing', async () => {
      using work = scratch();
      await using server = await pictureServer();
      const items = [
        ...server.items(20, 5000),
        server.item('/gone.jpg', 21),
        server.item('/700000/big.jpg', 22),
      ];
      const run = startRun(specFor(work.path), { items });
      const events = await all(run);
      const summary = await run.summary;
      const outcomes = events.filter(isOutcome);
      assert.deepEqual(outcomes.map(({ key }) => key).sort(), items.map(({ key }) => key).sort());
      assert.deepEqual(
        outcomes.filter(({ status }) => status !== 'saved').map(({ key, error }) => [key, error?.code]),
        [['/gone.jpg', 'not-found']],
      );
      assert.equal(filesIn(work.path).length, 21);
      for (const { key, path, bytes } of outcomes.filter(({ status }) => status === 'saved')) {
        assert.deepEqual(bytesOf(work.path, path!), pathBytes(key), key);
        assert.equal(bytes, pathBytes(key)!.length);
      }
      assert.deepEqual(partsIn(work.path), []);
      assert.deepEqual([summary.saved, summary.failed, summary.exitCode], [21, 1, 3]);
    });

    it(`has ${inFlight} in flight and never more, in slots from 0, the lowest free first`, async () => {
      using work = scratch();
      const gate = new Gate();
      await using server = await pictureServer((path, response) => {
        gate.hold(() => answer(path, response));
        return true;
      });
      const items = server.items(inFlight * 3, 3000);
      const run = startRun(specFor(work.path), { items });
      await until(() => gate.waiting === inFlight);
      gate.release();
      const outcomes = (await all(run)).filter(isOutcome);
      assert.equal(server.peakInFlight, inFlight);
      assert.equal((await run.summary).peakInFlight, inFlight);
      assert.deepEqual(
        [...new Set(outcomes.map(({ slot }) => slot))].sort((a, b) => a - b),
        Array.from({ length: inFlight }, (_, slot) => slot),
      );
      assert.equal(overlapping(outcomes), undefined);
    });

    it('tells outcomes in the order of completion, with where their time went', async () => {
      using work = scratch();
      const gate = new Gate();
      // The first is answered when all others are done, where that can be.
      await using server = await pictureServer((path, response) => {
        const step = () => setTimeout(() => answer(path, response), 40);
        if (path.includes('p0') && inFlight > 1) gate.hold(step);
        else step();
        return true;
      });
      const outcomes: Outcome[] = [];
      for await (const event of startRun(specFor(work.path), { items: server.items(6, 3000) })) {
        if (event.event === 'outcome') outcomes.push(event);
        if (outcomes.length === 5) gate.release();
      }
      assert.equal(outcomes.at(inFlight > 1 ? -1 : 0)!.index, 1);
      const ended = outcomes.map(({ endedMs }) => endedMs);
      assert.deepEqual(
        ended,
        ended.toSorted((a, b) => a - b),
      );
      for (const { key, ms, startedMs, endedMs } of outcomes) {
        assert.ok(ms.firstByte >= 35, `${key}: ${ms.firstByte}`);
        assert.ok(ms.wait >= 0 && ms.body >= 0 && ms.write > 0);
        const spent = ms.wait + ms.firstByte + ms.body + ms.stage + ms.write;
        assert.ok(endedMs - startedMs >= spent - 1, `${key}: ${spent} of ${endedMs - startedMs}`);
      }
    });

    it('stopped, asks for nothing new, lets what is in flight end, and says 130', async () => {
      using work = scratch();
      const gate = new Gate();
      await using server = await pictureServer((path, response) => {
        gate.hold(() => answer(path, response));
        return true;
      });
      const controller = new AbortController();
      const items = server.items(40, 3000);
      const run = startRun(specFor(work.path), { items, signal: controller.signal });
      await until(() => gate.waiting === inFlight);
      controller.abort();
      gate.release();
      const { exitCode, saved } = await run.summary;
      assert.deepEqual([exitCode, saved], [130, inFlight]);
      assert.equal(server.requests.length, inFlight);
      assert.equal(filesIn(work.path).length, inFlight);
    });

    it('gives a host that says 429 its pause, everywhere and once', async () => {
      using work = scratch();
      const gate = new Gate();
      const asked: number[] = [];
      await using server = await pictureServer((path, response) => {
        asked.push(performance.now());
        if (asked.length > inFlight) return false;
        const isFirst = asked.length === 1;
        gate.hold(() => {
          if (isFirst) response.writeHead(429, { 'retry-after': '1' }).end();
          else answer(path, response);
        });
        return true;
      });
      const { promise: paused, resolve } = Promise.withResolvers<void>();
      const team = dispatcher(specFor(work.path), { paused: () => resolve() });
      const outcomes = take(team.run(workFrom(server.items(12, 3000))));
      await until(() => gate.waiting === inFlight);
      const refusedAt = performance.now();
      gate.releaseOne();
      await paused;
      const answeredAt = performance.now();
      gate.release();
      assert.ok((await outcomes).every(({ status }) => status === 'saved'));
      await team.close();
      const during = asked.filter((at) => at > answeredAt && at < refusedAt + 990);
      assert.deepEqual(during, []);
      assert.equal(asked.length, 13);
    });

    it('gives every item its own file where the server calls them all the same', async () => {
      using work = scratch();
      await using server = await pictureServer((path, response) => {
        response.setHeader('content-disposition', 'attachment; filename="image.jpg"');
        answer(path, response);
        return true;
      });
      const items = server.items(120, 3000);
      const run = startRun(specFor(work.path, { name: '{remote}.{ext}' }), { items });
      const outcomes = (await all(run)).filter(isOutcome);
      assert.equal(filesIn(work.path).length, items.length);
      for (const { key, path } of outcomes) assert.deepEqual(bytesOf(work.path, path!), pathBytes(key), key);
    });

    it('keeps the ceiling of each host, and a host that hangs does not hold up another', {
      skip: expected.oneHostAtATime,
    }, async () => {
      using work = scratch();
      const gate = new Gate();
      await using slow = await pictureServer((path, response) => {
        gate.hold(() => answer(path, response));
        return true;
      });
      await using quick = await pictureServer();
      const items = [
        ...Array.from({ length: 10 }, (_, at) => slow.item(`/3000/slow${at}.jpg`, at + 1)),
        ...Array.from({ length: 10 }, (_, at) => quick.item(`/3000/quick${at}.jpg`, at + 11)),
      ];
      const done: string[] = [];
      const run = startRun(specFor(work.path, { perHost: 2 }), { items });
      for await (const event of run) {
        if (!isOutcome(event)) continue;
        done.push(event.key);
        if (done.length === 10) gate.release();
      }
      assert.ok(
        done.slice(0, 10).every((key) => key.includes('quick')),
        done.join(),
      );
      assert.deepEqual([slow.peakInFlight, quick.peakInFlight <= 2], [2, true]);
    });

    it('leaves nothing behind that keeps a process alive', async () => {
      using work = scratch();
      await using server = await pictureServer();
      const options = { ...expected.options, strategy, dir: work.path, name: '{name}.{ext}' };
      const sources = server.items(3, 3000).map(({ url }) => url);
      const { code, events, stderr } = await runLibrary({ sources, options });
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual([events[0]!.event, events.at(-1)!.event, events.at(-1)!.saved], ['start', 'end', 3]);
    });
  });
}

async function all(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const result: RunEvent[] = [];
  for await (const event of events) result.push(event);
  return result;
}

function isOutcome(event: RunEvent): event is OutcomeEvent {
  return event.event === 'outcome';
}

/** Two outcomes that were in one slot at the same time. */
function overlapping(outcomes: Outcome[]): [Outcome, Outcome] | undefined {
  for (const a of outcomes) {
    for (const b of outcomes) {
      if (a !== b && a.slot === b.slot && a.startedMs <= b.startedMs && b.startedMs < a.endedMs)
        return [a, b];
    }
  }
  return undefined;
}
