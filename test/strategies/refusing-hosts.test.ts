import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { RunSpec, StrategyName } from '../../src/core/run-spec.ts';
import { dispatcher, take, workFrom } from '../support/dispatching.ts';
import { answer, type PictureServer, pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

/** Everything that the server has, under a strategy: how many were saved, why the others were not, and how often a host was paused. */
async function fetchAll(server: PictureServer, count: number, more: Partial<RunSpec>) {
  using work = scratch();
  let pauses = 0;
  const spec = resolveRunSpec({ dir: work.path, name: '{name}.{ext}', ...more });
  const team = dispatcher(spec, {
    paused: () => {
      pauses += 1;
    },
  });
  const outcomes = await take(team.run(workFrom(server.items(count, 500))));
  await team.close();
  const saved = outcomes.filter(({ status }) => status === 'saved').length;
  return { saved, failures: outcomes.flatMap(({ error }) => error?.message ?? []), pauses };
}

const refuse = (status: number, response: ServerResponse) => response.writeHead(status).end();

describe('a host that refuses a burst', () => {
  it('gets a few back at first, and the others when these are served', async () => {
    const burst = 20;
    const [first, back]: [ServerResponse[], (() => void)[]] = [[], []];
    let cameBack = 0;
    let together = 0;
    await using server = await pictureServer((path, response, turn) => {
      if (turn === 1) {
        if (first.push(response) === burst) for (const held of first) refuse(503, held);
        return true;
      }
      cameBack += 1;
      // Nobody is served until all would long be back.
      if (together > 0) return false;
      if (back.push(() => answer(path, response)) === 1) {
        setTimeout(() => {
          together = cameBack;
          for (const serve of back) serve();
        }, 1500);
      }
      return true;
    });
    const { saved } = await fetchAll(server, burst, { strategy: 'async', concurrency: burst });
    assert.deepEqual([saved, together], [burst, 4]);
  });

  it('is no burst where each is refused by chance: the host is not paused, and has as many in flight as before', async (t) => {
    // Who waits has a place in flight, too: nobody is to wait.
    t.mock.method(Math, 'random', () => 0);
    let asked = 0;
    let late = 0;
    const [count, inFlight] = [300, 12];
    await using server = await pictureServer((path, response, turn) => {
      asked += 1;
      // By chance none is refused ten times in a row: with others between its tries, one may be every fifth again and again.
      const isRefused = asked % 5 === 4 && turn < 5;
      const status = asked % 2 === 0 ? 503 : 429;
      if (server.requests.length > 200) late = Math.max(late, server.inFlight);
      setTimeout(() => (isRefused ? refuse(status, response) : answer(path, response)), 20);
      return true;
    });
    const { saved, failures, pauses } = await fetchAll(server, count, {
      strategy: 'async',
      concurrency: inFlight,
      retries: 9,
    });
    assert.deepEqual([saved, failures, pauses], [count, [], 0]);
    assert.ok(late >= 0.75 * inFlight, `${late} in flight`);
  });
});

describe('an outage of two seconds, in which everything is answered 429 without Retry-After', () => {
  // Those that wait by dice would be back at once, and have used up their tries.
  for (const strategy of ['sync', 'async', 'auto'] satisfies StrategyName[]) {
    for (const begins of [0, 30]) {
      it(`costs ${strategy} no item, from request ${begins} on, and the server few requests`, async (t) => {
        t.mock.method(Math, 'random', () => 0);
        let endsAt = 0;
        let refused = 0;
        await using server = await pictureServer((_, response) => {
          if (server.requests.length <= begins) return false;
          endsAt ||= performance.now() + 2000;
          if (performance.now() >= endsAt) return false;
          refused += 1;
          refuse(429, response);
          return true;
        });
        const { saved } = await fetchAll(server, 60, { strategy, concurrency: 16 });
        assert.equal(saved, 60);
        // Those that were in flight, and a few in each pause.
        assert.ok(refused >= 3 && refused <= 16 + 4 * 5, `${refused} were refused`);
      });
    }
  }
});
