import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveRunSpec } from '../../src/core/resolve-options.ts';
import { strategyNames } from '../../src/index.ts';
import { pictureBytes } from '../support/picture-server.ts';
import { testServer } from '../support/raw-server.ts';
import { type LibraryJob, runLibrary, startLibrary } from '../support/run-library.ts';
import { bytesOf, filesIn, partsIn, scratch, until } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

const picture = pictureBytes('large', 4_000_000);
const pieceBytes = 100_000;

/** Answers as a server that can resume; slowly where it sends everything, so that it can be stopped half-way. */
const server = () =>
  testServer((request, response) => {
    const at = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isRest = at > 0 && request.headers['if-range'] === '"v1"';
    response.writeHead(isRest ? 206 : 200, {
      etag: '"v1"',
      'content-length': picture.length - at,
      ...(isRest ? { 'content-range': `bytes ${at}-${picture.length - 1}/${picture.length}` } : {}),
    });
    void send(response, picture.subarray(at), isRest ? 0 : 15);
  });

async function send(response: ServerResponse, bytes: Buffer, pauseMs: number): Promise<void> {
  for (let at = 0; at < bytes.length && !response.destroyed; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes));
    await sleep(pauseMs);
  }
  response.end();
}

/** Bytes of the one part that is there. */
function partBytes(dir: string): number {
  const parts = join(dir, '.gallop/parts');
  const name = existsSync(parts) ? readdirSync(parts).find((file) => file.endsWith('.part')) : undefined;
  return name === undefined ? 0 : statSync(join(parts, name)).size;
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
    // It stops in the middle and says no more.
    await using origin = await testServer((request, response) => {
      const at = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${at}-${picture.length - 1}/${picture.length}` };
      response.writeHead(at > 0 ? 206 : 200, {
        etag: '"v1"',
        'content-length': picture.length - at,
        ...(at > 0 ? range : {}),
      });
      if (at > 0) response.end(picture.subarray(at));
      else response.write(picture.subarray(0, 2_500_000));
    });
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
});
