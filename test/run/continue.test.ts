import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { strategyNames } from '../../src/index.ts';
import { pictureBytes, pictureServer } from '../support/picture-server.ts';
import { testServer } from '../support/raw-server.ts';
import { type LibraryJob, runLibrary, startLibrary } from '../support/run-library.ts';
import { bytesOf, filesIn, partsIn, scratch, until } from '../support/scratch.ts';
import { giveSome, large, segmentServer } from '../support/segment-server.ts';
import { startRun } from '../support/start-run.ts';

const picture = pictureBytes('large', 4_000_000);

/** Answers as a server that can resume; where everything is asked for it stops in the middle and says no more. */
const server = () =>
  testServer((request, response) => {
    const at = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isRest = at > 0 && request.headers['if-range'] === '"v1"';
    response.writeHead(isRest ? 206 : 200, {
      etag: '"v1"',
      'content-length': isRest ? picture.length - at : picture.length,
      ...(isRest ? { 'content-range': `bytes ${at}-${picture.length - 1}/${picture.length}` } : {}),
    });
    if (isRest) response.end(picture.subarray(at));
    else response.write(picture.subarray(0, 2_500_000));
  });

/** Bytes of the one part that is there. */
function partBytes(dir: string): number {
  const parts = join(dir, '.gallop/parts');
  const name = existsSync(parts) ? readdirSync(parts).find((file) => file.endsWith('.part')) : undefined;
  return name === undefined ? 0 : statSync(join(parts, name)).size;
}

/** What the one note that is there says of its part. */
function noted(dir: string): [from: number, to: number][] {
  const parts = join(dir, '.gallop/parts');
  const name = existsSync(parts) ? readdirSync(parts).find((file) => file.endsWith('.json')) : undefined;
  return name === undefined ? [] : (JSON.parse(readFileSync(join(parts, name), 'utf8')).there ?? []);
}

describe('a large file that a run was stopped in is gone on with by the next run', { concurrency: 2 }, () => {
  for (const strategy of strategyNames) {
    it(`after kill -9, ${strategy}`, async () => {
      using work = scratch();
      const dir = join(work.path, 'out');
      await using origin = await server();
      const job: LibraryJob = {
        sources: [`${origin.url}/large.jpg`],
        options: { strategy, dir, workers: 2, name: '{name}.{ext}', retries: 0 },
      };
      const { child, result } = startLibrary(job);
      await Promise.race([until(() => partBytes(dir) > 1_500_000), once(child, 'exit')]);
      child.kill('SIGKILL');
      await result;
      assert.deepEqual(filesIn(dir), []);
      const last = await runLibrary(job);
      assert.deepEqual([last.code, last.stderr], [0, '']);
      assert.ok(bytesOf(dir, 'large.jpg').equals(picture));
      assert.deepEqual(partsIn(dir), []);
      const at = Number(/^bytes=(\d+)-$/.exec(origin.requests.at(-1)!.headers.range ?? '')?.[1]);
      assert.ok(at > 1_500_000, `asked for ${origin.requests.at(-1)!.headers.range}`);
    });
  }

  it('after an interruption, once the grace is over', async () => {
    using work = scratch();
    const dir = join(work.path, 'out');
    await using origin = await server();
    const spec = resolveRunSpec({ sources: [`${origin.url}/large.jpg`], dir, name: '{name}.{ext}' });
    const stop = new AbortController();
    const first = startRun(spec, { signal: stop.signal });
    await until(() => partBytes(dir) > 1_500_000);
    stop.abort();
    assert.equal((await first.summary).exitCode, 130);
    assert.equal((await startRun(spec).summary).saved, 1);
    assert.equal(origin.requests.at(-1)!.headers.range, 'bytes=2500000-');
    assert.ok(bytesOf(dir, 'large.jpg').equals(picture));
    assert.deepEqual(partsIn(dir), []);
  });

  for (const strategy of ['async', 'threads'] as const) {
    it(`also in segments, each of them, after kill -9, ${strategy}`, async () => {
      using work = scratch();
      const dir = join(work.path, 'out');
      let isFirst = true;
      await using origin = await segmentServer((asked, response) => {
        if (!isFirst) return false;
        giveSome(asked, response, 2_500_000, false);
        return true;
      });
      const job: LibraryJob = {
        sources: [`${origin.url}/large.jpg`],
        options: { strategy, dir, name: '{name}.{ext}', retries: 0, segments: 3 },
      };
      const { child, result } = startLibrary(job);
      await Promise.race([until(() => noted(dir).length === 3), once(child, 'exit')]);
      child.kill('SIGKILL');
      await result;
      assert.deepEqual(filesIn(dir), []);
      const there = noted(dir);
      isFirst = false;
      const asked = origin.requests.length;
      const last = await runLibrary(job);
      assert.deepEqual([last.code, last.stderr], [0, '']);
      assert.ok(bytesOf(dir, 'large.jpg').equals(large));
      assert.deepEqual(partsIn(dir), []);
      const ranges = origin.requests.slice(asked).map(({ headers }) => headers.range ?? '');
      const begins = ranges.map((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]));
      assert.deepEqual(
        begins.toSorted((a, b) => a - b),
        there.map(([, to]) => to),
      );
    });
  }

  it('also where another run of the same directory came in between and left nothing undone', async () => {
    using work = scratch();
    const dir = join(work.path, 'out');
    await using origin = await server();
    await using others = await pictureServer();
    const job: LibraryJob = {
      sources: [`${origin.url}/large.jpg`],
      options: { strategy: 'async', dir, name: '{name}.{ext}', retries: 0 },
    };
    const { child, result } = startLibrary(job);
    await Promise.race([until(() => partBytes(dir) > 1_500_000), once(child, 'exit')]);
    child.kill('SIGKILL');
    await result;
    assert.equal((await runLibrary({ ...job, sources: [`${others.url}/3000/small.jpg`] })).code, 0);
    assert.equal((await runLibrary(job)).code, 0);
    assert.match(origin.requests.at(-1)!.headers.range ?? '', /^bytes=\d+-$/);
    assert.ok(bytesOf(dir, 'large.jpg').equals(picture));
    assert.deepEqual(partsIn(dir), []);
  });
});
