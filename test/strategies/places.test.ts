import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { strategies } from '../../src/strategies/strategies.ts';
import type { Strategy } from '../../src/strategies/strategy.ts';
import { dispatcher, take, workFrom } from '../support/dispatching.ts';
import { Gate, pictureServer } from '../support/picture-server.ts';
import { scratch, until } from '../support/scratch.ts';

/** So large that it is computed for a while. */
const large = await sharp({
  create: {
    ...{ width: 1600, height: 1200, channels: 3, background: '#204060' },
    noise: { type: 'gaussian', mean: 128, sigma: 30 },
  },
})
  .webp({ quality: 60, effort: 0 })
  .toBuffer();

it('a host whose picture is computed is forgotten once, not when the picture is done, with others in flight', async () => {
  using work = scratch();
  const gate = new Gate();
  await using server = await pictureServer((path, response) => {
    const send = () => response.writeHead(200, { 'content-length': large.length }).end(large);
    if (path.includes('p1')) gate.hold(send);
    else send();
    return true;
  });
  const spec = resolveRunSpec({ sources: [], dir: work.path, blurhash: true, perHost: 1 });
  const team = dispatcher(spec, {}, strategies.async);
  let done = 0;
  async function* slowly() {
    const [first, second, third] = await take(workFrom(server.items(3, 500)));
    yield first!;
    // Fetched, and computed now.
    await until(() => server.requests.length === 1 && team.inFlight === 0);
    yield second!;
    await until(() => server.requests.length === 2 && done === 1);
    yield third!;
    // It waits for its turn.
    const { inFlight } = team;
    gate.release();
    assert.equal(inFlight, 1);
  }
  for await (const { status } of team.run(slowly())) {
    assert.equal(status, 'saved');
    done += 1;
  }
  await team.close();
  assert.deepEqual([done, server.peakInFlight], [3, 1]);
});

describe('a place', () => {
  it('has no more in flight than it has room for, also after pictures were computed in it', async () => {
    using work = scratch();
    const body = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    // Each waits for the others that may be asked for beside it.
    await using server = await pictureServer((_, response) => {
      setTimeout(() => response.writeHead(200, { 'content-length': body.length }).end(body), 30);
      return true;
    });
    const spec = resolveRunSpec({ sources: [], dir: work.path, blurhash: true, concurrency: 12 });
    const two: Strategy = {
      name: 'async',
      team: () => ({ ...strategies.async.team(spec), perPlace: 2 }),
    };
    const team = dispatcher(spec, {}, two);
    const outcomes = await take(team.run(workFrom(server.items(30, 500))));
    await team.close();
    assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(['saved']));
    assert.ok(outcomes.every(({ picture }) => picture?.blurhash !== undefined));
    assert.deepEqual([server.peakInFlight, team.peakInFlight], [2, 2]);
  });
});
