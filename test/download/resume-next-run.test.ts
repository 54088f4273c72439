import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { all, broken, file, half, onwards, other, play, rest, type Script } from '../support/broken-off.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { withoutBackOff } from '../support/no-back-off.ts';
import { testServer } from '../support/raw-server.ts';

withoutBackOff();

describe('what an earlier run left of a large file is gone on with', () => {
  /** A run whose server breaks off, and then one with a new downloader in the same directory. */
  async function twoRuns(
    first: Script,
    second: Script,
    between: (dir: string) => void = () => {},
    key = 'k',
  ) {
    await using server = await testServer(play([...first, ...second]));
    await using early = await testDownloads({ retries: first.length - 1 });
    const url = `${server.url}/a.jpg`;
    const broke = await early.downloader.download(workFor(url, { key: 'k' }));
    assert.equal(broke.status, 'failed');
    const left = early.files();
    between(early.dir);
    await using late = await testDownloads({ dir: early.dir, retries: 1 });
    const outcome = await late.downloader.download(workFor(url, { key }));
    const ranges = server.requests.slice(first.length).map(({ headers }) => headers.range ?? null);
    const files = late.files();
    const finished = files.includes('finished.jpg') ? late.read('finished.jpg') : null;
    return { outcome, ranges, left, bytes: late.read('picture.jpg'), finished, files };
  }

  it('with the bytes that are there', async () => {
    const { outcome, ranges, left, bytes, files } = await twoRuns([broken(half)], [rest()]);
    assert.equal(left.length, 2, left.join());
    assert.equal(outcome.status, 'saved', outcome.error?.message);
    assert.deepEqual(ranges, [onwards]);
    assert.ok(bytes.equals(file));
    assert.deepEqual(files, ['picture.jpg']);
  });

  it('not of a file that is another one by now', async () => {
    const { ranges, bytes, files } = await twoRuns([broken(half)], [all(other, { etag: '"v2"' })]);
    assert.deepEqual([ranges, files], [[onwards], ['picture.jpg']]);
    assert.ok(bytes.equals(other));
  });

  it('not what is no longer than a mebibyte, or has no validator: nothing is left of it', async () => {
    for (const first of [broken(1_000_000), broken(half, {})]) {
      const { left, ranges, bytes } = await twoRuns([first], [all()]);
      assert.deepEqual([left, ranges], [[], [null]]);
      assert.ok(bytes.equals(file));
    }
  });

  const parts = (dir: string) => path.join(dir, '.gallop/parts');
  const each = (dir: string, ending: string, change: (file: string) => void) => {
    for (const name of fs.readdirSync(parts(dir))) {
      if (name.endsWith(ending)) change(path.join(parts(dir), name));
    }
  };
  const unusable: [what: string, (dir: string) => void][] = [
    ['whose note is gone', (dir) => each(dir, '.json', (note) => fs.rmSync(note))],
    ['whose note is damaged', (dir) => each(dir, '.json', (note) => fs.writeFileSync(note, '{"address":'))],
    ['whose note is of something else', (dir) => each(dir, '.json', (note) => fs.writeFileSync(note, '[1]'))],
    [
      'that is a finished file by another name',
      (dir) => each(dir, '.part', (part) => fs.linkSync(part, path.join(dir, 'other.jpg'))),
    ],
    [
      'that a link leads to',
      (dir) =>
        each(dir, '.part', (part) => {
          fs.renameSync(part, path.join(dir, 'precious'));
          fs.symlinkSync(path.join(dir, 'precious'), part);
        }),
    ],
    [
      'of before this machine was started: a power loss may have taken its bytes',
      (dir) => each(dir, '.part', (part) => fs.utimesSync(part, new Date(0), new Date(0))),
    ],
  ];
  for (const [what, change] of unusable) {
    it(`not a part ${what}`, async () => {
      const { outcome, ranges, bytes } = await twoRuns([broken(half)], [all()], change);
      assert.equal(outcome.status, 'saved', outcome.error?.message);
      assert.deepEqual(ranges, [null]);
      assert.ok(bytes.equals(file));
    });
  }

  it('a finished file that has the name of a part is not written to', async () => {
    const { finished } = await twoRuns([broken(half)], [all(other)], (dir) =>
      each(dir, '.part', (part) => fs.linkSync(part, path.join(dir, 'finished.jpg'))),
    );
    assert.ok(finished?.equals(file.subarray(0, half)));
  });

  it('not that of another item', async () => {
    const { ranges, files } = await twoRuns([broken(half)], [all()], undefined, 'another');
    assert.deepEqual(ranges, [null]);
    assert.equal(files.length, 3);
  });

  it('it says nothing of the address', async () => {
    await twoRuns([broken(half)], [rest()], (dir) => {
      each(dir, '.json', (note) => assert.ok(!fs.readFileSync(note, 'utf8').includes('127.0.0.1')));
    });
  });
});

it('what a mirror left is gone on with, though the first address is asked before', async () => {
  await using gone = await testServer((_, response) => void response.writeHead(404).end());
  await using mirror = await testServer(play([broken(half), rest()]));
  await using first = await testDownloads({ retries: 0 });
  const work = workFor(`${gone.url}/a.jpg`, { key: 'k', mirrors: [`${mirror.url}/a.jpg`] });
  assert.equal((await first.downloader.download(work)).status, 'failed');
  await using second = await testDownloads({ dir: first.dir, retries: 0 });
  const { status, error } = await second.downloader.download(work);
  assert.equal(status, 'saved', error?.message);
  assert.deepEqual(
    mirror.requests.map(({ headers }) => headers.range ?? null),
    [null, onwards],
  );
  assert.ok(second.read('picture.jpg').equals(file));
});

describe('a part so large that to take it up takes its time', () => {
  /** A part of many gigabytes that take no room, and a downloader that will take it up. */
  async function withLargePart(spec: Partial<RunSpec>) {
    const server = await testServer(play([broken(half)]));
    const early = await testDownloads({ retries: 0 });
    const work = workFor(`${server.url}/a.jpg`, { key: 'k' });
    await early.downloader.download(work);
    const parts = path.join(early.dir, '.gallop/parts');
    const part = fs.readdirSync(parts).find((name) => name.endsWith('.part'))!;
    fs.truncateSync(path.join(parts, part), 40e9);
    const late = await testDownloads({ dir: early.dir, retries: 0, maxBytes: 100e9, ...spec });
    return {
      server,
      downloader: late.downloader,
      work,
      async [Symbol.asyncDispose]() {
        await late[Symbol.asyncDispose]();
        await early[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  it('ends with --timeout', async () => {
    await using large = await withLargePart({ timeoutMs: 300 });
    const { error } = await large.downloader.download(large.work);
    assert.equal(error?.code, 'timeout', error?.message);
    assert.equal(large.server.requests.length, 1);
  });

  it('ends when everything is stopped', async () => {
    await using large = await withLargePart({});
    const outcome = large.downloader.download(large.work);
    outcome.catch(() => {});
    setTimeout(() => large.downloader.stop(), 200);
    await assert.rejects(outcome, { name: 'InterruptedError' });
    assert.equal(large.server.requests.length, 1);
  });
});
