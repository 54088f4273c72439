import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import {
  DiskError,
  download,
  type EndEvent,
  ListingError,
  list,
  type OutcomeEvent,
  type ProgressEvent,
  type RunEvent,
  type StartEvent,
  UsageError,
} from '../../src/index.ts';
import { needs } from '../support/needs.ts';
import { pictureServer } from '../support/picture-server.ts';
import { startLibrary } from '../support/run-library.ts';
import { filesIn, scratch, until } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';
import { readOnlyDirectory } from '../support/tiny-disk.ts';

const common = { strategy: 'async', name: '{name}.{ext}', retries: 0 } as const;

/** The events of a run, and what it threw at its end. */
async function read(run: AsyncIterable<RunEvent>): Promise<{ events: RunEvent[]; error: unknown }> {
  const events: RunEvent[] = [];
  try {
    for await (const event of run) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

const only = <Name extends RunEvent['event']>(events: RunEvent[], name: Name) =>
  events.filter((it): it is Extract<RunEvent, { event: Name }> => it.event === name);

describe('the events of a run', () => {
  it('start, outcomes, progress, end: with the fields and the figures of the contract', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = [...server.items(4, 5000).map(({ url }) => url), `${server.url}/gone.jpg`];
    const run = download(urls, { ...common, dir: work.path });
    const { events } = await read(run);
    const summary = await run.summary;
    const source = urls.join(' ');
    // With several sources the number is known when the last of them is opened.
    const start: StartEvent = { event: 'start', strategy: 'async', source, dir: work.path, total: null };
    assert.deepEqual(events[0], start);
    const outcomes = only(events, 'outcome');
    const { ms, startedMs, endedMs, sha256, ...saved }: OutcomeEvent = outcomes.find(
      ({ index }) => index === 2,
    )!;
    assert.deepEqual(saved, {
      ...{
        event: 'outcome',
        status: 'saved',
        key: urls[1],
        url: urls[1],
        index: 2,
        path: 'p1.jpg',
        bytes: 5000,
      },
      ...{ mime: 'image/jpeg', width: 8, height: 8, attempts: 1, slot: saved.slot },
    });
    assert.match(sha256!, /^[0-9a-f]{64}$/);
    assert.deepEqual(Object.keys(ms), ['wait', 'firstByte', 'body', 'stage', 'write']);
    assert.ok(startedMs >= 0 && endedMs > startedMs);
    const failed = outcomes.find(({ status }) => status === 'failed')!;
    assert.deepEqual(
      [failed.path, failed.bytes, failed.sha256, failed.error!.code],
      [null, 0, null, 'not-found'],
    );
    const last = only(events, 'progress').at(-1)!;
    assert.deepEqual({ ...last, bytesPerSecond: 0 }, {
      ...{
        event: 'progress',
        done: 5,
        total: 5,
        bytes: last.bytes,
        bytesPerSecond: 0,
        inFlight: 0,
        computing: 0,
        skipped: 0,
        failed: 1,
      },
    } satisfies ProgressEvent);
    assert.ok(last.bytes >= 20_000);
    const end = events.at(-1) as EndEvent;
    assert.deepEqual(end, {
      ...{ event: 'end', strategy: 'async', saved: 4, kept: 0, skipped: 0, failed: 1, bytes: 20_000 },
      ...{ seconds: end.seconds, peakInFlight: end.peakInFlight, reason: null, exitCode: 3 },
      ...{ skippedBy: {}, dataSet: null },
    });
    assert.ok(end.seconds > 0 && end.peakInFlight >= 1);
    assert.deepEqual({ event: 'end', ...summary }, end);
  });

  it('the start comes before any progress, and says null for a number that is not known', async (t) => {
    using work = scratch();
    await using server = await pictureServer();
    t.mock.timers.enable({ apis: ['setInterval'] });
    async function* stdin() {
      // Time for progress, before there is an item.
      t.mock.timers.tick(1000);
      yield Buffer.from(`${server.url}/500/a.jpg\n`);
    }
    const { events } = await read(download([], { ...common, input: '-', stdin: stdin(), dir: work.path }));
    assert.deepEqual([events[0]!.event, only(events, 'start')[0]!.total], ['start', null]);
    assert.deepEqual([only(events, 'start').length, only(events, 'end')[0]!.saved], [1, 1]);
  });

  it('a listing that breaks off: what was listed is downloaded first, the end says 4, then it throws', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const lines = server.items(600, 300).map(({ url }) => `${url}\n`);
    const whole = gzipSync(lines.join(''));
    const input = join(work.path, 'list.gz');
    writeFileSync(input, whole.subarray(0, whole.length - 100));
    const dir = join(work.path, 'out');
    const run = download([], { ...common, input, dir });
    const { events, error } = await read(run);
    assert.ok(error instanceof ListingError);
    await assert.rejects(run.summary, ListingError);
    const end = events.at(-1) as EndEvent;
    assert.deepEqual([end.event, end.exitCode], ['end', 4]);
    assert.ok(end.saved > 100 && end.saved < 600, String(end.saved));
    assert.equal(filesIn(dir).length, end.saved);
  });

  it('a usage that cannot be right throws at once; one that shows later has its end, too', async () => {
    using work = scratch();
    assert.throws(() => download('http://127.0.0.1:1/a.jpg', { concurrency: 0 }), UsageError);
    const { events, error } = await read(download('no address', { ...common, dir: work.path }));
    assert.ok(error instanceof UsageError);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['start', 'progress', 'end'],
    );
    assert.equal((events.at(-1) as EndEvent).exitCode, 2);
  });

  it('a directory that cannot be written ends it before the first request', async () => {
    await using server = await pictureServer();
    for (const strategy of ['async', 'threads'] as const) {
      using place = readOnlyDirectory();
      const run = download(`${server.url}/500/a.jpg`, { ...common, strategy, dir: place.path });
      await assert.rejects(run.summary, (error) => error instanceof DiskError && error.exitCode === 5);
    }
    assert.deepEqual(server.requests, []);
  });

  it('a directory in use ends it before the first request', async () => {
    using work = scratch();
    await using server = await pictureServer((path, response) => {
      if (!path.includes('hang')) return false;
      response.writeHead(200);
      return true;
    });
    const controller = new AbortController();
    const options = { ...common, dir: work.path };
    const first = download(`${server.url}/500/hang.jpg`, { ...options, signal: controller.signal });
    await until(() => server.inFlight === 1);
    await assert.rejects(
      download(`${server.url}/500/a.jpg`, options).summary,
      (error) => error instanceof UsageError && error.message.includes(`process ${process.pid}`),
    );
    assert.equal(server.requests.length, 1);
    controller.abort();
    server.drop();
    // Its one item has its outcome: nothing was left undone.
    assert.equal((await first.summary).exitCode, 3);
  });
});

describe('who reads the events', () => {
  it('nobody: the summary comes all the same', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = server.items(30, 300).map(({ url }) => url);
    assert.equal((await download(urls, { ...common, dir: work.path }).summary).saved, 30);
  });

  it('somebody who leaves early: the run goes on to its end', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = server.items(60, 300).map(({ url }) => url);
    const run = download(urls, { ...common, dir: work.path });
    for await (const { event } of run) if (event === 'outcome') break;
    assert.equal((await run.summary).saved, 60);
  });

  it('somebody slow: the run waits, so that memory stays bounded', async () => {
    using work = scratch();
    await using server = await pictureServer((_, response) => {
      response.writeHead(404).end();
      return true;
    });
    const count = 7000;
    const spec = resolveRunSpec({ ...common, dir: work.path });
    const run = startRun(spec, { items: server.items(count, 300) });
    let seen = 0;
    for await (const { event } of run) {
      if (event === 'outcome') seen += 1;
      if (seen !== 1) continue;
      seen += 1;
      // It stands still: nothing new is asked for after all that may wait does.
      for (let still = 0, before = -1; still < 30; still += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (server.requests.length !== before) still = 0;
        before = server.requests.length;
      }
      assert.ok(server.requests.length < 6000, `${server.requests.length} requests`);
    }
    assert.equal(seen, count + 1);
  });
});

describe('a run that ends', () => {
  it('clears away what anyone left unfinished in its directory', async () => {
    using work = scratch();
    const stray = join(work.path, '.gallop', 'parts', 'stray.part');
    await using server = await pictureServer(() => {
      // As a worker that is killed leaves it.
      writeFileSync(stray, 'half a pict');
      return false;
    });
    assert.equal((await download(`${server.url}/500/a.jpg`, { ...common, dir: work.path }).summary).saved, 1);
    assert.ok(!existsSync(stray));
  });

  it('tells whoever comes late how it began and how it ended', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const spec = resolveRunSpec({ ...common, dir: work.path });
    const broken = { code: 'bad-url', message: 'no address', retryable: false } as const;
    const items = server.items(3000, 300).map((item) => ({ ...item, failure: broken }));
    const run = startRun(spec, { items });
    const summary = await run.summary;
    const { events } = await read(run);
    assert.equal(events[0]!.event, 'start');
    assert.deepEqual(events.at(-1), { event: 'end', ...summary });
    assert.ok(events.length <= 2000);
  });
});

describe('an aborted run', () => {
  it('that had nothing left to do was not interrupted', async () => {
    using work = scratch();
    await using server = await pictureServer();
    for (const [path, exitCode] of [
      ['/500/a.jpg', 0],
      ['/gone.jpg', 3],
    ] as const) {
      const controller = new AbortController();
      const run = download(server.url + path, { ...common, dir: work.path, signal: controller.signal });
      for await (const { event } of run) if (event === 'outcome') controller.abort();
      assert.equal((await run.summary).exitCode, exitCode);
    }
  });

  it('leaves a listing whose API never answers', { timeout: 10_000 }, async () => {
    using work = scratch();
    await using api = await pictureServer(() => true);
    const controller = new AbortController();
    const run = download('imgur:abcdefg', {
      ...common,
      dir: work.path,
      imgurApi: api.url,
      environment: { CLIENT_ID: 'x' },
      signal: controller.signal,
    });
    await until(() => api.inFlight === 1);
    controller.abort();
    assert.equal((await run.summary).exitCode, 130);
  });

  it('leaves a standard input that never gives anything, and one that never ends', async () => {
    using work = scratch();
    await using server = await pictureServer();
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${server.url}/500/a.jpg\n`);
      await new Promise(() => {});
    }
    const controller = new AbortController();
    const run = download([], {
      ...common,
      dir: work.path,
      input: '-',
      stdin: silent(),
      signal: controller.signal,
    });
    for await (const { event } of run) if (event === 'outcome') controller.abort();
    const { exitCode, saved } = await run.summary;
    assert.deepEqual([exitCode, saved], [130, 1]);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  it('leaves the standard input of its process, too, so that the process can end', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const job = { options: { ...common, dir: work.path, input: '-' }, stopOn: 'outcome' };
    const { child, result } = startLibrary(job, { stdin: 'pipe' });
    child.stdin!.write(`${server.url}/500/a.jpg\n`);
    const { code, events } = await result;
    assert.deepEqual([code, events.at(-1)!.exitCode, events.at(-1)!.saved], [0, 130, 1]);
  });

  it('aborted before it began, it asks for nothing', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const run = download(`${server.url}/500/a.jpg`, {
      ...common,
      dir: work.path,
      signal: AbortSignal.abort(),
    });
    assert.equal((await run.summary).exitCode, 130);
    assert.deepEqual(server.requests, []);
  });

  it('does not wait for a standard input that never gives anything, when the disk refuses', {
    skip: needs(existsSync('/dev/full'), 'no /dev/full'),
  }, async () => {
    using work = scratch();
    await using server = await pictureServer();
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${server.url}/gone.jpg\n`);
      await new Promise(() => {});
    }
    const options = { ...common, dir: work.path, input: '-', stdin: silent(), failedFile: '/dev/full' };
    await assert.rejects(
      download([], options).summary,
      (error) => error instanceof DiskError && error.code === 'no-space',
    );
  });
});

describe('list', () => {
  it('keeps nothing open when there is nothing to list', {
    skip: needs(existsSync('/proc/self/fd'), 'no /proc/self/fd'),
  }, async () => {
    using work = scratch();
    await using server = await pictureServer();
    await download(`${server.url}/300/a.jpg`, { ...common, dir: work.path }).summary;
    await assert.rejects(async () => {
      for await (const _ of list('no address', { ...common, dir: work.path }));
    }, UsageError);
    const open = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    assert.deepEqual(
      open.filter((file) => file.startsWith(work.path)),
      [],
    );
  });

  it('says what would be downloaded and what is known, and asks for nothing', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = server.items(3, 300).map(({ url }) => url);
    const options = { ...common, dir: work.path };
    await download(urls[1]!, options).summary;
    const asked = server.requests.length;
    const listed = [];
    for await (const { url, target, known } of list(urls, options)) listed.push([url, target, known]);
    assert.deepEqual(listed, [
      [urls[0], 'p0.{ext}', false],
      [urls[1], 'p1.{ext}', true],
      [urls[2], 'p2.{ext}', false],
    ]);
    assert.equal(server.requests.length, asked);
  });
});
