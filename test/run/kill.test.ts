import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StrategyName, strategyNames } from '../../src/index.ts';
import { pathBytes, pictureServer } from '../support/picture-server.ts';
import { type LibraryJob, runLibrary, startLibrary } from '../support/run-library.ts';
import { bytesOf, filesIn, partsIn, scratch, until } from '../support/scratch.ts';

/** Kills of a run of each strategy. */
const kills = 4;
const inFlight: Record<StrategyName, number> = { sync: 1, threads: 3, processes: 3, async: 6, auto: 6 };

/** A small generator of numbers from 0 to 1 (mulberry32), so that every run of the test is the same. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** As a far server sends: in pieces, with pauses. */
async function sendSlowly(picture: Buffer, response: ServerResponse): Promise<void> {
  await sleep(25);
  response.writeHead(200, { 'content-length': picture.length });
  for (let at = 0; at < picture.length && !response.destroyed; at += 100_000) {
    response.write(picture.subarray(at, at + 100_000));
    await sleep(8);
  }
  response.end();
}

const paths = Array.from({ length: 24 }, (_, n) =>
  n % 6 === 2 ? `/1300000/large${n}.jpg` : `/20000/small${n}.jpg`,
);
const fileOf = (path: string) => path.replace(/^.*\//, '');
const pathOf = new Map(paths.map((path) => [fileOf(path), path]));

/** Every file that has a final name has the bytes of the server, to the last one. Returns their paths. */
function wholeFiles(dir: string): string[] {
  return filesIn(dir).map((file) => {
    const path = pathOf.get(file);
    assert.ok(path !== undefined, `${file} is no name of an item`);
    assert.ok(bytesOf(dir, file).equals(pathBytes(path)!), `${file} is not whole`);
    return path;
  });
}

describe('kill -9 at any moment, then the same again', { concurrency: 3 }, () => {
  for (const strategy of strategyNames) {
    it(`${strategy}: nothing torn, nothing lost, nothing fetched twice that the disk can prove`, async () => {
      using work = scratch();
      const dir = join(work.path, 'out');
      await using server = await pictureServer((path, response) => {
        void sendSlowly(pathBytes(path)!, response);
        return true;
      });
      const input = join(work.path, 'list');
      writeFileSync(input, paths.map((path) => `${server.url}${path}\n`).join(''));
      const job: LibraryJob = {
        options: { strategy, dir, input, concurrency: 6, workers: 3, name: '{name}.{ext}', retries: 0 },
      };
      const draw = random(strategyNames.indexOf(strategy) + 1);
      const finished = new Set<string>();
      let underWay = 0;
      let asked = 0;
      /** What was whole at a kill is not asked for again. */
      const check = () => {
        const again = server.requests.slice(asked).filter((path) => finished.has(path));
        assert.deepEqual(again, []);
        asked = server.requests.length;
      };
      for (let kill = 1; kill <= kills; kill += 1) {
        const { child, result } = startLibrary(job);
        // Some die while they begin, most while they work.
        if (kill === kills) await sleep(draw() * 300);
        else {
          await Promise.race([until(() => server.requests.length > asked), once(child, 'exit')]);
          await sleep(draw() * 160);
        }
        child.kill('SIGKILL');
        await result;
        check();
        for (const path of wholeFiles(dir)) finished.add(path);
        underWay += inFlight[strategy];
      }
      const last = await runLibrary(job);
      assert.deepEqual([last.code, last.stderr], [0, '']);
      check();
      assert.equal(wholeFiles(dir).length, paths.length);
      assert.deepEqual(partsIn(dir), []);
      assert.ok(server.requests.length <= paths.length + underWay, `${server.requests.length} requests`);
      assert.ok(
        finished.size > 0 && finished.size < paths.length,
        `${finished.size} were done at the last kill`,
      );
      const { saved, kept, failed } = last.events.at(-1)!;
      assert.deepEqual([saved! + kept!, failed], [paths.length, 0]);
    });
  }
});
