import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { HostSilence } from '../../src/strategies/host-silence.ts';
import { backlogServer } from '../support/backlog-server.ts';
import { dispatcher, take, workFrom } from '../support/dispatching.ts';
import { answer, pictureServer } from '../support/picture-server.ts';
import { closedPort } from '../support/raw-server.ts';
import { scratch } from '../support/scratch.ts';

/** Outcomes of the items under a strategy. */
async function run(items: Parameters<typeof workFrom>[0], more: Partial<RunSpec>): Promise<Outcome[]> {
  using work = scratch();
  const running = dispatcher(resolveRunSpec({ sources: [], dir: work.path, ...more }));
  try {
    return await take(running.run(workFrom(items)));
  } finally {
    await running.close();
  }
}

const statuses = (outcomes: Outcome[]) => new Set(outcomes.map(({ status }) => status));
const names = (outcomes: Outcome[]) => outcomes.map(({ key }) => key);

describe('a host that leaves requests in its backlog', { concurrency: true }, () => {
  const patient = { stallTimeoutMs: 120_000, timeoutMs: 120_000 };

  const teams: Partial<RunSpec>[] = [
    { strategy: 'async', concurrency: 12 },
    { strategy: 'auto' },
    { strategy: 'threads', workers: 1, perWorker: 12 },
  ];
  for (const team of teams) {
    it(`gets them again over the connections that it does serve: ${team.strategy}`, {
      timeout: 30_000,
    }, async () => {
      await using server = await backlogServer(3);
      const outcomes = await run(server.items(300), { ...patient, ...team });
      assert.equal(outcomes.length, 300);
      assert.deepEqual(statuses(outcomes), new Set(['saved']));
      // It costs no try.
      assert.deepEqual(new Set(outcomes.map(({ attempts }) => attempts)), new Set([1]));
      // But for the last ones, none has waited until a connection that is kept was given up: 9 of 12, or most of 100.
      const waited = outcomes.filter(({ ms }) => ms.firstByte > 2000).length;
      assert.ok(waited <= 3, `${waited} waited`);
    });
  }
});

describe('a host that is slow', { concurrency: true }, () => {
  /** Each answer on a connection of its own, `thinkMs` after its request. */
  const slow = (thinkMs: (path: string) => number) =>
    pictureServer((path, response) => {
      response.shouldKeepAlive = false;
      setTimeout(() => answer(path, response), thinkMs(path));
      return true;
    });

  it('is asked once for each, where it thinks long about everything', async () => {
    await using server = await slow(() => 1600);
    const outcomes = await run(server.items(24, 3000), { strategy: 'async', concurrency: 8 });
    assert.deepEqual(statuses(outcomes), new Set(['saved']));
    assert.equal(server.requests.length, 24);
  });

  it('is asked once for each, where it becomes slow in mid-run', async () => {
    let asked = 0;
    await using server = await slow(() => (++asked <= 60 ? 20 : 1600));
    const outcomes = await run(server.items(90, 3000), { strategy: 'async', concurrency: 10 });
    assert.deepEqual(statuses(outcomes), new Set(['saved']));
    assert.equal(server.requests.length, 90);
  });
});

describe('HostSilence', () => {
  const answered = (ms: number, count = 10, from = 0): HostSilence => {
    const silence = new HostSilence();
    for (let n = 0; n < count; n += 1) silence.firstByte(ms, from + n * ms);
    return silence;
  };

  it('says nothing after few answers', () => {
    assert.equal(answered(50, 4).tooLongMs(1000), undefined);
  });

  it('takes a second for too long at a quick host, three of the longest answers at a slow one', () => {
    assert.equal(answered(50).tooLongMs(450), 1000);
    assert.equal(answered(5000).tooLongMs(45_000), 15_000);
    const mixed = answered(50);
    mixed.firstByte(3000, 500);
    assert.ok(mixed.tooLongMs(500)! > 8900);
  });

  it('goes by what was overtaken: where nobody is answered, nobody is left out', () => {
    // The latest that was answered was sent at 400, so nothing that was sent after 150 was overtaken.
    assert.equal(answered(50).tooLongMs(60_000), 60_000 - 400 + 250);
  });

  it('is twice as patient after it has struck, once for what is taken back together, until answers come', () => {
    const silence = answered(50);
    silence.struck({ at: 0, inFlight: 9 }, 1000);
    silence.struck({ at: 0, inFlight: 10 }, 1001);
    silence.firstByte(50, 1010);
    assert.ok(silence.tooLongMs(1010)! > 1900);
    for (let n = 0; n < 100; n += 1) silence.firstByte(50, 1010);
    assert.equal(silence.tooLongMs(1010), 1000);
  });

  it('counts how many were served beside those that were left out', () => {
    const silence = answered(50);
    // Three were served, and each of the others began as one more.
    assert.equal(silence.struck({ at: 10, inFlight: 4 }, 1000), 3);
    assert.equal(silence.struck({ at: 30, inFlight: 6 }, 1000), 4);
    assert.equal(silence.struck({ at: 20, inFlight: 5 }, 1000), 3);
    // One that had only begun then, and is found later, belongs to them.
    assert.equal(silence.struck({ at: 990, inFlight: 7 }, 2000), 3);
    // What begins afterwards does not.
    assert.equal(silence.struck({ at: 2500, inFlight: 5 }, 4000), 4);
  });
});

describe('an item between its tries', () => {
  it('has no slot: others go first, and it has all its tries', { timeout: 20_000 }, async () => {
    await using server = await pictureServer();
    const dead = { key: 'dead', url: `${await closedPort()}/x.jpg`, name: 'dead', index: 1 };
    const items = [{ ...dead, reach: ['loopback' as const] }, ...server.items(5, 3000)];
    const outcomes = await run(items, { strategy: 'sync', retries: 2 });
    assert.deepEqual(names(outcomes), [...items.slice(1).map(({ key }) => key), 'dead']);
    assert.deepEqual([outcomes[5]!.error?.code, outcomes[5]!.attempts], ['connect', 3]);
  });

  it('keeps its --timeout, which is one for all its tries', { timeout: 20_000 }, async () => {
    const url = `${await closedPort()}/x.jpg`;
    const item = { key: 'dead', url, name: 'dead', index: 1, reach: ['loopback' as const] };
    const [outcome] = await run([item], { strategy: 'threads', workers: 1, retries: 100, timeoutMs: 1000 });
    assert.match(outcome!.error!.message, /next try would begin after --timeout/);
    assert.ok(outcome!.attempts >= 2 && outcome!.attempts < 30, `${outcome!.attempts} tries`);
  });
});
