import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { Outcome, RunEvent } from '../../src/index.ts';
import { running } from '../../src/run/event-queue.ts';
import { performRun, type RunResult } from '../../src/run/run.ts';
import { hostileText, likenesses } from '../support/hostile-names.ts';
import { answer, pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const count = 2000;
const titles = fc.sample(hostileText, { seed: 3, numRuns: count }).flatMap(likenesses).slice(0, count);

/** A whole run of items with hostile names, each of other bytes, from a server with hostile names for them. */
async function outcomes(dir: string, url: string, name: string): Promise<Outcome[]> {
  const items = titles.map((title, at) => ({
    ...{ key: `key:${at}`, url: `${url}/200/p${at}.jpg`, name: title, title, index: at + 1 },
    ...{ album: { id: titles[at % 9]!, title }, reach: ['loopback' as const] },
  }));
  const spec = resolveRunSpec({ dir, name, strategy: 'async', retries: 0 });
  const run = running<RunEvent, RunResult>((queue) => performRun(spec, { items, environment: {} }, queue));
  const found: Outcome[] = [];
  for await (const event of run) if (event.event === 'outcome') found.push(event);
  await run.summary;
  return found;
}

describe('a run over hostile names', () => {
  for (const name of ['{album}/{title}', '{remote}']) {
    it(`${name}: as many files as items, none outside, and a second run keeps them all`, async () => {
      using work = scratch();
      const dir = join(work.path, 'outer', 'dir');
      await using server = await pictureServer((path, response) => {
        const title = titles[Number(/p(\d+)\.jpg$/.exec(path)?.[1])]!.toWellFormed();
        response.setHeader(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(title)}`,
        );
        answer(path, response);
        return true;
      });
      const first = await outcomes(dir, server.url, name);
      assert.deepEqual(new Set(first.map(({ status }) => status)), new Set(['saved']));
      assert.deepEqual(first.map(({ path }) => path).sort(), filesIn(dir));
      assert.equal(new Set(first.map(({ path }) => path)).size, count);
      assert.deepEqual([readdirSync(work.path), readdirSync(join(work.path, 'outer'))], [['outer'], ['dir']]);

      const asked = server.requests.length;
      const second = await outcomes(dir, server.url, name);
      const places = (all: Outcome[]) => all.map(({ key, path }) => `${key} ${path}`).sort();
      assert.deepEqual(new Set(second.map(({ status }) => status)), new Set(['kept']));
      assert.deepEqual(places(second), places(first));
      assert.equal(server.requests.length, asked);
    });
  }
});
