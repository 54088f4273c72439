import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  download,
  InterruptedError,
  UsageError,
  type VerifiedEvent,
  type VerifyEvent,
  verify,
} from '../../src/index.ts';
import { pathBytes, pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch, until } from '../support/scratch.ts';
import { withoutReading, withoutWriting } from '../support/tiny-disk.ts';

/** A directory with seven pictures, one of them large. */
async function stored() {
  const work = scratch();
  await using server = await pictureServer();
  const urls = [...server.items(6, 3000).map(({ url }) => url), `${server.url}/2500000/large.jpg`];
  await download(urls, { dir: work.path, strategy: 'async', name: '{name}.{ext}', info: true }).summary;
  return { work, urls };
}

async function read(run: AsyncIterable<VerifyEvent>): Promise<VerifyEvent[]> {
  const events: VerifyEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

test('verify finds every file good, with its digest, and exits with 0', async () => {
  const { work, urls } = await stored();
  using _ = work;
  const events = await read(verify(work.path));
  const found = events.filter((it): it is VerifiedEvent => it.event === 'verified');
  assert.equal(found.length, 7);
  const large = found.find(({ path }) => path === 'large.jpg')!;
  assert.deepEqual(large, {
    ...{ event: 'verified', state: 'good', path: 'large.jpg', bytes: 2_500_000 },
    ...{ sha256: large.sha256, key: urls[6], url: urls[6] },
  });
  const { seconds, ...end } = events.at(-1) as Extract<VerifyEvent, { event: 'end' }>;
  assert.ok(seconds > 0);
  assert.deepEqual(end, {
    ...{ event: 'end', good: 7, missing: 0, changed: 0, foreign: 0 },
    ...{ bytes: 6 * 3000 + 2_500_000, exitCode: 0 },
  });
});

test('verify tells the missing, the changed and the foreign apart; a foreign file is no error', async () => {
  const { work } = await stored();
  using _ = work;
  rmSync(join(work.path, 'p0.jpg'));
  // The same size, one bit another.
  const bytes = pathBytes('/3000/p1.jpg')!;
  bytes[1500]! ^= 1;
  writeFileSync(join(work.path, 'p1.jpg'), bytes);
  writeFileSync(join(work.path, 'p2.jpg'), '');
  rmSync(join(work.path, 'p3.jpg'));
  mkdirSync(join(work.path, 'p3.jpg'));
  // What was stored is no link, whatever it leads to.
  renameSync(join(work.path, 'p4.jpg'), join(work.path, 'p4'));
  symlinkSync('p4', join(work.path, 'p4.jpg'));
  mkdirSync(join(work.path, 'below'));
  writeFileSync(join(work.path, 'below', 'own.txt'), 'mine');
  symlinkSync('/etc', join(work.path, 'below', 'link'));
  const run = verify(work.path);
  const events = await read(run);
  const states = events.flatMap((it) =>
    it.event === 'verified' && it.state !== 'good' ? [[it.path, it.state]] : [],
  );
  assert.deepEqual(states.sort(), [
    ['below/own.txt', 'foreign'],
    ['p0.jpg', 'missing'],
    ['p1.jpg', 'changed'],
    ['p2.jpg', 'changed'],
    ['p3.jpg', 'changed'],
    ['p4', 'foreign'],
    ['p4.jpg', 'changed'],
  ]);
  const { good, missing, changed, foreign, exitCode } = await run.summary;
  assert.deepEqual([good, missing, changed, foreign, exitCode], [2, 1, 4, 2, 3]);
  rmSync(join(work.path, 'p3.jpg'), { recursive: true });
});

test('a file that failed later is not looked for', async () => {
  using work = scratch();
  await using server = await pictureServer();
  const options = { dir: work.path, strategy: 'async', name: '{name}.{ext}' } as const;
  await download([`${server.url}/gone.jpg`, `${server.url}/3000/a.jpg`], options).summary;
  const { good, missing, exitCode } = await verify(work.path).summary;
  assert.deepEqual([good, missing, exitCode], [1, 0, 0]);
});

test('verify needs a journal, a whole one, and one that no run holds', async () => {
  using work = scratch();
  await assert.rejects(verify(work.path).summary, UsageError);
  assert.deepEqual(filesIn(work.path), []);
  await using server = await pictureServer((_, response) => {
    response.writeHead(200);
    return true;
  });
  const controller = new AbortController();
  const run = download(`${server.url}/500/a.jpg`, {
    retries: 0,
    dir: work.path,
    strategy: 'async',
    signal: controller.signal,
  });
  await until(() => server.inFlight === 1);
  await assert.rejects(verify(work.path).summary, { name: 'UsageError', code: 'directory-in-use' });
  controller.abort();
  server.drop();
  await run.summary;
  writeFileSync(join(work.path, '.gallop', 'journal.db'), 'rubbish'.repeat(1000));
  for (const _ of [1, 2]) {
    await assert.rejects(verify(work.path).summary, {
      name: 'DiskError',
      exitCode: 5,
      message: /is damaged$/,
    });
  }
});

test('verify says damage that shows late, and what is no journal, and changes neither', async () => {
  const { work } = await stored();
  using _ = work;
  const file = join(work.path, '.gallop', 'journal.db');
  const bytes = readFileSync(file);
  // All pages but the first: what opening reads is whole.
  const late = Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 'rubbish')]);
  for (const content of [late, Buffer.alloc(0)]) {
    writeFileSync(file, content);
    await assert.rejects(verify(work.path).summary, { name: 'DiskError', message: /is damaged$/ });
    assert.deepEqual(readFileSync(file), content);
  }
});

test('what may not be read ends a verification: nothing is said of it, and nothing is marked', async () => {
  const { work } = await stored();
  using _ = work;
  mkdirSync(join(work.path, 'below'));
  for (const path of ['p1.jpg', 'below']) {
    using _locked = withoutReading(work.path, path);
    await assert.rejects(verify(work.path).summary, {
      name: 'DiskError',
      message: /cannot read .*: no permission/,
    });
  }
  assert.equal((await verify(work.path).summary).good, 7);
});

test('verify works where nothing may be written, and leaves nothing', async () => {
  const { work } = await stored();
  using _ = work;
  const own = join(work.path, '.gallop');
  const before = readdirSync(own);
  using _locked = withoutWriting(work.path);
  assert.throws(() => writeFileSync(join(own, 'x'), ''));
  assert.equal((await verify(work.path).summary).good, 7);
  assert.deepEqual(readdirSync(own), before);
});

test('verify stops when its signal says so, and lets the journal go', async () => {
  const { work } = await stored();
  using _ = work;
  await assert.rejects(verify(work.path, { signal: AbortSignal.abort() }).summary, InterruptedError);
  assert.equal((await verify(work.path).summary).good, 7);
});

test('what verify finds changed is fetched again by the next run, though it has the same size', async () => {
  using work = scratch();
  await using server = await pictureServer();
  const urls = server.items(3, 3000).map(({ url }) => url);
  const options = { dir: work.path, strategy: 'async', name: '{name}.{ext}' } as const;
  await download(urls, options).summary;
  const bytes = pathBytes('/3000/p1.jpg')!;
  bytes[1500]! ^= 1;
  writeFileSync(join(work.path, 'p1.jpg'), bytes);
  // It says so as often as it is asked.
  for (const exitCode of [3, 3]) assert.equal((await verify(work.path).summary).exitCode, exitCode);
  const { saved, kept } = await download(urls, options).summary;
  assert.deepEqual([saved, kept], [1, 2]);
  assert.deepEqual(readFileSync(join(work.path, 'p1.jpg')), pathBytes('/3000/p1.jpg'));
  assert.equal((await verify(work.path).summary).good, 3);
  assert.deepEqual(filesIn(work.path), ['p0.jpg', 'p1.jpg', 'p2.jpg']);
});

test('a stored file that is gone and could not be fetched again is missing for as long as it is', async () => {
  using work = scratch();
  let isGone = false;
  await using server = await pictureServer((_, response) => {
    if (isGone) response.writeHead(404).end();
    return isGone;
  });
  const urls = server.items(2, 3000).map(({ url }) => url);
  const options = { dir: work.path, strategy: 'async', name: '{name}.{ext}' } as const;
  await download(urls, options).summary;
  rmSync(join(work.path, 'p0.jpg'));
  isGone = true;
  assert.equal((await download(urls, options).summary).failed, 1);
  const { good, missing, exitCode } = await verify(work.path).summary;
  assert.deepEqual([good, missing, exitCode], [1, 1, 3]);
});

test('verify reads many files in few threads, of every size, and waits for no pipe', async () => {
  using work = scratch();
  await using server = await pictureServer();
  const sizes = [100, 4096, 1_048_576, 1_048_577, 3_000_000];
  const urls = [
    ...server.items(200, 500).map(({ url }) => url),
    ...sizes.map((bytes) => `${server.url}/${bytes}/size${bytes}.jpg`),
  ];
  await download(urls, { dir: work.path, strategy: 'async', name: '{name}.{ext}' }).summary;
  rmSync(join(work.path, 'p7.jpg'));
  execFileSync('mkfifo', [join(work.path, 'p7.jpg')]);
  const events = await read(verify(work.path));
  const wrong = events.flatMap((it) => (it.event === 'verified' && it.state !== 'good' ? [it.path] : []));
  assert.deepEqual(wrong, ['p7.jpg']);
  assert.equal(events.length, 206);
});

test('a verification that is stopped in the middle of a large file ends at once', async () => {
  using work = scratch();
  await using server = await pictureServer();
  await download(`${server.url}/500/a.jpg`, { dir: work.path, strategy: 'async', name: '{name}.{ext}' })
    .summary;
  // 200 GB without a block of its own: to read it takes minutes.
  truncateSync(join(work.path, 'a.jpg'), 200e9);
  const controller = new AbortController();
  const run = verify(work.path, { signal: controller.signal });
  const begun = performance.now();
  setTimeout(() => controller.abort(), 200);
  await assert.rejects(run.summary, InterruptedError);
  assert.ok(performance.now() - begun < 5000);
});
