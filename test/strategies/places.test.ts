import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { resolveRunSpec } from '../../src/core/resolve-options.ts';
import { strategies } from '../../src/strategies/strategies.ts';
import type { Strategy } from '../../src/strategies/strategy.ts';
import { dispatcher, take, workFrom } from '../support/dispatching.ts';
import { pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

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
