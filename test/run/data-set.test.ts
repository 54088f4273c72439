import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { type DownloadOptions, download, list } from '../../src/index.ts';
import { pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

describe('a data set of the demo', () => {
  const source = 'demo:?images=4&bytes=3KB&rtt=1ms&think=1ms';
  const summaryOf = (dir: string, options: DownloadOptions) =>
    download(source, { dir, output: 'webdataset', shardSize: 2, ...options }).summary;
  const packedIn = (dir: string) =>
    filesIn(dir)
      .filter((name) => /^\d+\.(tar|parquet)$/.test(name))
      .map((name) => hash('sha256', readFileSync(join(dir, name))));

  it('has the same bytes from every origin, though each has a port of its own', async () => {
    using first = scratch();
    using second = scratch();
    await summaryOf(first.path, { strategy: 'async' });
    await summaryOf(second.path, { strategy: 'sync' });
    assert.equal(packedIn(first.path).length, 4);
    assert.deepEqual(packedIn(second.path), packedIn(first.path));
  });

  for (const [output, end] of [
    ['webdataset', '.tar'],
    ['parquet', '.parquet'],
    ['files', ''],
  ] as const) {
    it(`${output}: tells of the place where a row stays, the first time and later, as a list does`, async () => {
      using work = scratch();
      const options = { dir: work.path, output, shardSize: 2 } as const;
      const told: (string | null)[][] = [[], []];
      for (const paths of told) {
        for await (const event of download(source, options)) {
          if (event.event === 'outcome') paths[event.index - 1] = event.path;
        }
      }
      const keys = ['000000', '000001', '000010', '000011'];
      const places = keys.map((key) => `${key.slice(0, 5)}${end}/${key}${output === 'files' ? '.jpg' : ''}`);
      assert.deepEqual(told, [places, places]);
      const listed: string[] = [];
      for await (const { target } of list(source, options)) listed.push(target.replace('{ext}', 'jpg'));
      assert.deepEqual(listed, places);
    });
  }

  it('is gone on with by a second run', async () => {
    using work = scratch();
    const first = await summaryOf(work.path, { range: [{ from: 1, to: 2 }] });
    const second = await summaryOf(work.path, {});
    assert.equal(second.kept, first.saved);
    assert.equal(second.dataSet?.shards, 1);
  });
});

const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#a04020' } })
  .jpeg()
  .toBuffer();

describe('pictures that wait to be packed', () => {
  it('are fetched anew by the next run where they are not as they were stored', async () => {
    using work = scratch();
    await using server = await pictureServer((_, response) => {
      response.end(picture);
      return true;
    });
    const options = { input: ['-'], dir: work.path, output: 'webdataset', strategy: 'async' } as const;
    const lines = ['a', 'b', 'c'].map((path) => `${server.url}/${path}\n`);
    const stdin = new PassThrough();
    stdin.write(lines[0]! + lines[1]!);
    const stop = new AbortController();
    let saved = 0;
    for await (const { event } of download([], { ...options, stdin, signal: stop.signal })) {
      // The list goes on, so that its shard is not whole.
      if (event === 'outcome' && ++saved === 2) stop.abort();
    }
    const staged = join(work.path, '.gallop/shards/00000/000000000.jpg');
    const bytes = readFileSync(staged);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(staged, bytes);
    const running = download([], { ...options, stdin: Readable.from([Buffer.from(lines.join(''))]) });
    const notes: string[] = [];
    for await (const event of running) if (event.event === 'note') notes.push(event.message);
    const { saved: fetched, kept } = await running.summary;
    assert.deepEqual([fetched, kept], [2, 1]);
    assert.deepEqual(notes, [`${staged} is not as it was downloaded: it is fetched anew`]);
    assert.equal(readFileSync(join(work.path, '00000.tar')).subarray(512).indexOf(picture), 0);
  });
});

describe('a data set of a table', () => {
  it('is not begun with options that the table cannot do with', async () => {
    using work = scratch();
    await using server = await pictureServer(() => false);
    const table = join(work.path, 'table.csv');
    writeFileSync(table, `address,text\n${server.url}/gone.jpg,a\n`);
    const summaryOf = (captionColumn: string) =>
      download([], {
        input: [table],
        dir: join(work.path, 'set'),
        output: 'parquet',
        urlColumn: 'address',
        captionColumn,
        retries: 0,
      }).summary;
    await assert.rejects(summaryOf('caption'), { message: /has no column 'caption'/ });
    assert.equal((await summaryOf('text')).dataSet?.rows, 1);
  });

  it('is left when it is stopped while it waits for its first row', { timeout: 20_000 }, async () => {
    using work = scratch();
    const stop = new AbortController();
    const silent = new PassThrough();
    // Once somebody listens for rows, there are none.
    silent.on('newListener', (event) => event === 'readable' && stop.abort());
    const options = { input: ['-'], dir: work.path, output: 'parquet', stdin: silent } as const;
    const running = download([], { ...options, signal: stop.signal });
    assert.equal((await running.summary).exitCode, 130);
    assert.deepEqual(filesIn(work.path), []);
  });
});
