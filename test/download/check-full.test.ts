import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FailureCode } from '../../src/core/failures.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import {
  flipped,
  hugePng,
  makePictures,
  type PictureName,
  pngWithBadData,
  slowPng,
} from '../image/pictures.ts';
import { type TestDownloads, testDownloads, workFor } from '../support/downloads.ts';
import { needs } from '../support/needs.ts';
import { childrenWith, cpuTicks, hasProc, isAlive } from '../support/processes.ts';
import { filesIn, scratch, until } from '../support/scratch.ts';

let origin: Origin;
let pictures: Record<PictureName, Buffer>;

before(async () => {
  [origin, pictures] = await Promise.all([startOrigin({ images: 4 }), makePictures()]);
});
after(async () => {
  await origin.close();
});

async function fetched(
  url: string,
  check: RunSpec['check'],
  more: Partial<RunSpec> = {},
): Promise<{ outcome: Outcome; files: string[] }> {
  await using downloads = await testDownloads({ retries: 2, check, ...more });
  const outcome = await downloads.downloader.download(workFor(url));
  return { outcome, files: downloads.files() };
}

/** Serves these bytes, as they are, under every path. */
async function serving(
  bytes: Buffer,
  headers: Record<string, string> = {},
): Promise<{ url: string; requests: number } & AsyncDisposable> {
  const server = createServer((_, response) => {
    self.requests += 1;
    response.writeHead(200, { 'content-length': bytes.length, ...headers }).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/picture`,
    requests: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

describe('right length, broken pixels: corrupt with --check full, and saved without', () => {
  const rows: [
    name: string,
    make: () => Buffer,
    magic: FailureCode | 'saved',
    full: FailureCode | 'saved',
  ][] = [
    ['a JPEG with other bytes in its scan', () => flipped(pictures.jpeg, 0.3), 'saved', 'corrupt'],
    ['a progressive JPEG', () => flipped(pictures.progressive, 0.6), 'saved', 'corrupt'],
    ['a PNG with a wrong checksum', () => flipped(pictures.png, 0.6), 'saved', 'corrupt'],
    ['a PNG with broken compression', () => pngWithBadData(pictures.png), 'saved', 'corrupt'],
    ['a GIF with a broken frame', () => flipped(pictures.gif, 0.6), 'saved', 'corrupt'],
    ['a lossless WebP', () => flipped(pictures.lossless, 0.6), 'saved', 'corrupt'],
    ['an animated WebP', () => flipped(pictures.animatedWebp, 0.6), 'saved', 'corrupt'],
    ['an AVIF', () => flipped(pictures.avif, 0.6), 'saved', 'corrupt'],
    ['a TIFF', () => flipped(pictures.lzw, 0.6), 'saved', 'corrupt'],
    ['a TIFF that ends too early', () => pictures.lzw.subarray(0, 9000), 'truncated', 'truncated'],
    ['a JPEG that ends too early', () => pictures.jpeg.subarray(0, 9000), 'truncated', 'truncated'],
    ['a PNG that ends too early', () => pictures.png.subarray(0, 9000), 'truncated', 'truncated'],
    ['a PNG of 30,000 x 30,000', () => hugePng(30_000), 'saved', 'too-many-pixels'],
    // What the library cannot decode is checked by its marks alone.
    ['a BMP without any pixels', () => bmp(), 'saved', 'saved'],
    ...(['jpeg', 'cmyk', 'deep', 'animatedGif', 'animatedWebp', 'avif', 'pages'] as const).map(
      (name): [string, () => Buffer, 'saved', 'saved'] => [
        `a whole ${name}`,
        () => pictures[name],
        'saved',
        'saved',
      ],
    ),
  ];
  for (const [name, make, magic, full] of rows) {
    it(`${name}: ${magic} with magic, ${full} with full`, async () => {
      await using server = await serving(make());
      for (const [check, expected] of [['magic', magic] as const, ['full', full] as const]) {
        server.requests = 0;
        const { outcome, files } = await fetched(server.url, check);
        assert.equal(outcome.error?.code ?? outcome.status, expected, outcome.error?.message);
        assert.equal(files.length, expected === 'saved' ? 1 : 0);
        // Other bytes do not come of asking again: that the file is as it was sent, the length has shown.
        if (expected !== 'truncated') assert.equal(server.requests, 1);
      }
    });
  }

  it("the origin's broken picture, and its picture of 900 million pixels", async () => {
    for (const [fault, code] of [
      ['corrupt', 'corrupt'] as const,
      ['huge-pixels', 'too-many-pixels'] as const,
    ]) {
      const { outcome, files } = await fetched(`${origin.url}/fault/${fault}/p.jpg`, 'full');
      assert.equal(outcome.error?.code, code);
      assert.match(outcome.error.message, /^127\.0\.0\.1:\d+: the (jpg|png) file [^/\n]+$/);
      assert.equal(outcome.error.retryable, false);
      assert.deepEqual(files, []);
    }
  });
});

const bmp = (): Buffer => {
  const header = Buffer.alloc(64);
  header.write('BM');
  header.writeUInt32LE(40, 14);
  return header;
};

it('a picture of several pieces on the disk is decoded whole, and its last pixels count', async () => {
  const large = `${origin.url}/fault/large/3000000/p.jpg`;
  assert.equal((await fetched(large, 'full')).outcome.status, 'saved');
});

/** A downloader in the middle of decoding a picture that takes seconds: what it will come to, and where it decodes. */
async function midDecoding(downloads: TestDownloads, slow: { url: string }) {
  const decoders = () => childrenWith('/src/image/picture-worker.');
  const before = decoders();
  const fetch = (url: string) => downloads.downloader.download(workFor(url));
  await fetch(`${origin.url}/fault/png/p.png`);
  const decoder = decoders().find((pid) => !before.includes(pid))!;
  // What it works from now on is for the picture, and not for its own start.
  const startTicks = cpuTicks(decoder);
  const outcome = fetch(slow.url);
  outcome.catch(() => {});
  await until(() => cpuTicks(decoder) > startTicks + 10 || !isAlive(decoder));
  return { outcome, decoder };
}

it('a decoder that dies, and the one after it, take their picture with them, and the downloader goes on', {
  skip: needs(hasProc, 'processes are found by /proc'),
}, async () => {
  await using slow = await serving(slowPng());
  await using downloads = await testDownloads({ check: 'full', retries: 0 });
  const { outcome, decoder } = await midDecoding(downloads, slow);
  const others = childrenWith('/src/image/picture-worker.');
  process.kill(decoder, 'SIGSEGV');
  await until(() => {
    const next = childrenWith('/src/image/picture-worker.').find((pid) => !others.includes(pid));
    if (next !== undefined) process.kill(next, 'SIGSEGV');
    return next !== undefined;
  });
  const lost = await outcome;
  assert.ok(lost.error?.code === 'corrupt' || lost.error?.code === 'too-many-files', lost.error?.message);
  const second = await downloads.downloader.download(workFor(`${origin.url}/fault/gif/p.gif`));
  assert.equal(second.status, 'saved', second.error?.message);
  assert.equal(downloads.files().length, 2);
});

it('stopping ends a decoding that is under way, and the bytes are there for the next run', {
  skip: needs(hasProc, 'decoders are found by /proc'),
}, async () => {
  await using slow = await serving(slowPng(), { etag: '"v1"' });
  await using downloads = await testDownloads({ check: 'full' });
  const { outcome, decoder } = await midDecoding(downloads, slow);
  downloads.downloader.stop();
  // Decoded to its end, it would be saved.
  await assert.rejects(outcome, { name: 'InterruptedError' });
  const [note, part, before, ...others] = downloads.files();
  assert.match(
    `${note} ${part}`,
    /^\.gallop\/parts\/\w+\.json \.gallop\/parts\/[\w-]+\.part$|\.part .*\.json$/,
  );
  assert.deepEqual([before, others], ['picture.png', []]);
  await until(() => !isAlive(decoder));
});

const asProgram = fileURLToPath(new URL('../support/decoding-run.ts', import.meta.url));

for (const strategy of ['async', 'threads', 'processes']) {
  it(`--check full under ${strategy}: the run ends by itself, with one process less for each decoder`, {
    skip: needs(hasProc, 'processes are found by /proc'),
  }, async () => {
    using work = scratch();
    const options = JSON.stringify({
      dir: work.path,
      strategy,
      check: 'full',
      name: '{name}.{ext}',
      workers: 2,
    });
    const urls = ['png', 'gif', 'corrupt', 'webp'].map(
      (fault) => `${origin.url}/fault/${fault}/${fault}.jpg`,
    );
    const words = ['--disable-warning=ExperimentalWarning', asProgram, options, ...urls];
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 60_000 });
    const { saved, failed, decoders, hasLibrary, keptBy } = JSON.parse(stdout);
    assert.deepEqual([saved, failed], [3, 1]);
    // Not by decoders, which end anyway when they have been idle for a while. Workers are processes, too, and end by
    // themselves.
    if (strategy !== 'processes') assert.deepEqual(keptBy, []);
    assert.deepEqual(filesIn(work.path), ['gif.gif', 'png.png', 'webp.webp']);
    // The library that decodes is in the decoders, not here.
    assert.equal(hasLibrary, false);
    await until(() => decoders.every((pid: number) => !isAlive(pid)));
  });
}
