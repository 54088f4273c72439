import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { type DownloadOptions, download, type OutcomeEvent, report } from '../../src/index.ts';
import { pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const drawn = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#a04020',
      noise: { type: 'gaussian', mean: 128, sigma: 20 },
    },
  });

const wide = await drawn(400, 200).jpeg().toBuffer();
const tiny = await drawn(20, 20).png().toBuffer();
const video = Buffer.concat([
  Buffer.from('00000018', 'hex'),
  Buffer.from('ftypisom\0\0\0\0isommp42'),
  Buffer.from('00000008', 'hex'),
  Buffer.from('mdat'),
  Buffer.from('00000008', 'hex'),
  Buffer.from('moov'),
]);
const bodies: Record<string, Buffer> = {
  '/wide.jpg': wide,
  '/tiny.png': tiny,
  '/video.mp4': video,
  '/broken.jpg': Buffer.concat([wide.subarray(0, wide.length >> 1), Buffer.from('ffd9', 'hex')]),
};

/** Every path above, and with `?noai` with the header that asks to be left out of data sets. */
const served = () =>
  pictureServer((path, response) => {
    const body = bodies[path.replace(/\?.*/, '')];
    if (body === undefined) return false;
    if (path.endsWith('?noai'))
      response.setHeader('x-robots-tag', ['googlebot: nofollow', 'noai, noimageai']);
    if (path.endsWith('?others')) response.setHeader('x-robots-tag', 'googlebot: noindex');
    response.writeHead(200, { 'content-length': body.length }).end(body);
    return true;
  });

async function outcomes(urls: string[], options: DownloadOptions): Promise<Map<string, OutcomeEvent>> {
  const found = new Map<string, OutcomeEvent>();
  const common = { strategy: 'async', name: '{name}.{ext}', retries: 0 } as const;
  for await (const event of download(urls, { ...common, ...options })) {
    if (event.event === 'outcome') found.set(new URL(event.url).pathname + new URL(event.url).search, event);
  }
  return found;
}

async function* stream(pieces: Buffer[]) {
  yield* pieces;
}

const sizeOf = async (file: string) => {
  const { width, height, format } = await sharp(readFileSync(file)).metadata();
  return `${format} ${width}x${height}`;
};

describe('pictures that are computed while others are fetched', () => {
  it('are stored as they are wanted, with the original recorded; what cannot be decoded is stored as it is', async () => {
    using work = scratch();
    await using server = await served();
    const urls = ['/wide.jpg', '/video.mp4'].map((path) => server.url + path);
    const found = await outcomes(urls, {
      dir: work.path,
      resize: 64,
      format: 'webp',
      hash: 'md5',
      phash: true,
      blurhash: true,
    });
    const first = found.get('/wide.jpg')!;
    assert.equal(await sizeOf(join(work.path, 'wide.webp')), 'webp 64x32');
    assert.deepEqual(
      [first.status, first.path, first.mime, first.width, first.height],
      ['saved', 'wide.webp', 'image/webp', 64, 32],
    );
    const digest = (name: string, bytes: Buffer) => createHash(name).update(bytes).digest('hex');
    assert.equal(first.sha256, digest('sha256', readFileSync(join(work.path, 'wide.webp'))));
    assert.deepEqual(first.picture?.original, {
      bytes: wide.length,
      sha256: digest('sha256', wide),
      md5: digest('md5', wide),
      mime: 'image/jpeg',
      width: 400,
      height: 200,
    });
    assert.match(first.picture!.phash!, /^[0-9a-f]{16}$/);
    assert.equal(first.picture!.blurhash!.length, 28);
    assert.ok(first.ms.stage > 0);
    assert.deepEqual(readFileSync(join(work.path, 'video.mp4')), video);
    assert.equal(found.get('/video.mp4')!.picture!.original.mime, 'video/mp4');
  });

  it('that are broken fail, and nothing of them is there', async () => {
    using work = scratch();
    await using server = await served();
    const found = await outcomes([`${server.url}/broken.jpg`], { dir: work.path, resize: 64 });
    assert.equal(found.get('/broken.jpg')!.error!.code, 'corrupt');
    assert.deepEqual(filesIn(work.path), []);
  });

  it('are kept by a second run that wants the same, and made anew by one that does not', async () => {
    using work = scratch();
    await using server = await served();
    const urls = [`${server.url}/wide.jpg`];
    const run = async (options: DownloadOptions) => {
      const before = server.requests.length;
      const found = await outcomes(urls, { dir: work.path, ...options });
      const { status, width, picture } = found.get('/wide.jpg')!;
      return { status, width, original: picture?.original.width, asked: server.requests.length - before };
    };
    assert.deepEqual(await run({ resize: 64 }), { status: 'saved', width: 64, original: 400, asked: 1 });
    assert.deepEqual(await run({ resize: 64 }), { status: 'kept', width: 64, original: 400, asked: 0 });
    assert.deepEqual(await run({ resize: 32 }), { status: 'saved', width: 32, original: 400, asked: 1 });
    assert.deepEqual(await run({}), { status: 'saved', width: 400, original: undefined, asked: 1 });
    assert.deepEqual(filesIn(work.path), ['wide.jpg']);
    assert.deepEqual(readFileSync(join(work.path, 'wide.jpg')), wide);
  });

  it('that a filter leaves out are skipped, for as long as it does, without another request', async () => {
    using work = scratch();
    await using server = await served();
    const urls = ['/wide.jpg', '/tiny.png'].map((path) => server.url + path);
    const run = async (options: DownloadOptions) => {
      const before = server.requests.length;
      const found = await outcomes(urls, { dir: work.path, ...options });
      const { status, skip } = found.get('/tiny.png')!;
      return { status, code: skip?.code, asked: server.requests.slice(before) };
    };
    const first = await run({ minSize: 100 });
    assert.deepEqual([first.status, first.code, first.asked.length], ['skipped', 'too-small', 2]);
    // The third run knows of it what the second one knew.
    for (let n = 0; n < 3; n += 1) {
      assert.deepEqual(await run({ minSize: 100 }), { status: 'skipped', code: 'too-small', asked: [] });
    }
    assert.deepEqual(await run({ minSize: 10 }), { status: 'saved', code: undefined, asked: ['/tiny.png'] });
  });

  it('that are the same as others are skipped, for as long as one is to be kept, without another request', async () => {
    using work = scratch();
    await using server = await served();
    const urls = ['/wide.jpg?a', '/wide.jpg?b'].map((path) => server.url + path);
    const run = async (options: DownloadOptions) => {
      const before = server.requests.length;
      const found = await outcomes(urls, { dir: work.path, strategy: 'sync', ...options });
      const { status, skip } = found.get('/wide.jpg?b')!;
      return { status, code: skip?.code, asked: server.requests.length - before };
    };
    const duplicates = 'digest';
    assert.deepEqual(await run({ duplicates }), { status: 'skipped', code: 'duplicate', asked: 2 });
    for (let n = 0; n < 3; n += 1) {
      assert.deepEqual(await run({ duplicates }), { status: 'skipped', code: 'duplicate', asked: 0 });
    }
    const { skipped, open } = await report(work.path, { file: null });
    assert.deepEqual([skipped, open], [1, 0]);
    assert.deepEqual(await run({}), { status: 'saved', code: undefined, asked: 1 });
  });

  it('are not left out for a file that is gone', async () => {
    using work = scratch();
    await using server = await served();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => `${server.url}/wide.jpg?${name}`) as [
      string,
      string,
      string,
    ];
    const statuses = async (urls: string[]) => {
      const found = await outcomes(urls, { dir: work.path, strategy: 'sync', duplicates: 'digest' });
      return [...found.values()].map(({ status }) => status);
    };
    assert.deepEqual(await statuses([a]), ['saved']);
    rmSync(join(work.path, 'wide.jpg'));
    assert.deepEqual(await statuses([b, c]), ['saved', 'skipped']);
    assert.equal(filesIn(work.path).length, 1);
  });

  it('whose server asks to be left out of data sets are, unless told otherwise; in other runs they are not', async () => {
    await using server = await served();
    const urls = ['/wide.jpg?noai', '/tiny.png?others'].map((path) => server.url + path);
    const statuses = async (options: DownloadOptions) => {
      using work = scratch();
      const found = await outcomes(urls, { dir: work.path, ...options });
      return [...found.values()].map(({ status, skip }) => skip?.message ?? status).sort();
    };
    assert.deepEqual(await statuses({ output: 'files' }), ['X-Robots-Tag: noai', 'saved']);
    assert.deepEqual(await statuses({ output: 'files', ignoreRobots: true }), ['saved', 'saved']);
    assert.deepEqual(await statuses({}), ['saved', 'saved']);
  });

  it('that cannot be decoded are no successes of a data set that is to have a size or a format', async () => {
    await using server = await served();
    const urls = ['/wide.jpg', '/video.mp4'].map((path) => server.url + path);
    const statsOf = async (options: DownloadOptions) => {
      using work = scratch();
      const run = () => download(urls, { dir: work.path, strategy: 'async', output: 'parquet', ...options });
      const { skippedBy } = await run().summary;
      const stats = JSON.parse(readFileSync(join(work.path, '00000_stats.json'), 'utf8'));
      const asked = server.requests.length;
      assert.deepEqual((await run().summary).skippedBy, skippedBy);
      assert.equal(server.requests.length, asked);
      return [skippedBy, stats.successes, stats.failed_to_resize, stats.status_dict];
    };
    const leftOut = [{ undecodable: 1 }, 1, 1, { success: 1, undecodable: 1 }];
    assert.deepEqual(await statsOf({ resize: 100 }), leftOut);
    assert.deepEqual(await statsOf({ format: 'jpg' }), leftOut);
    const taken = [{}, 2, 0, { success: 2 }];
    assert.deepEqual(await statsOf({ resize: 100, resizeMode: 'no' }), taken);
    assert.deepEqual(await statsOf({ phash: true, stripMetadata: true }), taken);
  });

  it('that are left out are counted by their reasons, and what was packed of a data set beside', async () => {
    using work = scratch();
    await using server = await served();
    const paths = ['/wide.jpg', '/wide.jpg?twin', '/wide.jpg?noai', '/tiny.png', '/gone.jpg'];
    const urls = paths.map((path) => server.url + path);
    const options = { dir: work.path, strategy: 'async', retries: 0, minSize: 100 } as const;
    const shards = { output: 'webdataset', duplicates: 'digest', shardSize: 3 } as const;
    const summaryOf = async () => {
      const { saved, skipped, skippedBy, failed, dataSet } = await download(urls, { ...options, ...shards })
        .summary;
      return { saved, skipped, skippedBy, failed, dataSet };
    };
    assert.deepEqual(await summaryOf(), {
      saved: 2,
      skipped: 2,
      skippedBy: { robots: 1, 'too-small': 1 },
      failed: 1,
      dataSet: { shards: 2, rows: 5, pictures: 1, duplicates: 1 },
    });
    const again = await summaryOf();
    assert.deepEqual([again.saved, again.skippedBy], [0, { duplicate: 1, robots: 1, 'too-small': 1 }]);
  });

  it('are described with --info: what was found of the original, and the row that it came from', async () => {
    using work = scratch();
    const signed = await drawn(40, 20)
      .jpeg()
      .withExif({ IFD0: { Artist: 'somebody' } })
      .toBuffer();
    await using server = await pictureServer((_, response) => {
      response.writeHead(200, { 'content-length': signed.length }).end(signed);
      return true;
    });
    const stdin = [Buffer.from(`url,text,likes\n${server.url}/a.jpg,"a word, or two",7\n`)];
    const table = { input: ['-'], inputFormat: 'csv', captionColumn: 'text' } as const;
    const made = { resize: 10, phash: true, blurhash: true, hash: 'sha1', info: true } as const;
    const options = { dir: work.path, name: '{name}.{ext}', ...table, ...made, stdin: stream(stdin) };
    const { saved } = await download([], options).summary;
    assert.equal(saved, 1);
    const info = JSON.parse(readFileSync(join(work.path, 'a.jpg.json'), 'utf8'));
    assert.deepEqual(info.row, {
      caption: 'a word, or two',
      columns: { text: 'a word, or two', likes: '7' },
    });
    const { original, exif, phash, blurhash } = info.picture;
    assert.deepEqual([info.width, original.width, original.bytes], [10, 40, signed.length]);
    assert.equal(original.sha1, createHash('sha1').update(signed).digest('hex'));
    assert.equal(exif.Artist, 'somebody');
    assert.match(phash, /^[0-9a-f]{16}$/);
    assert.equal(blurhash.length, 28);
  });
});
