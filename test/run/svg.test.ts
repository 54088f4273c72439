import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { type DownloadOptions, download, failures, type OutcomeEvent } from '../../src/index.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { type PictureServer, pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const root =
  '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">';
const red = '<rect width="40" height="20" fill="#f00"/></svg>';
const longComment = `<!-- ${'c'.repeat(3000)} -->`;
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

/** Every one of them a red drawing of 40 x 20. */
const drawings: Record<string, Buffer> = {
  plain: Buffer.from(root + red),
  declared: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${longComment}${root}${red}`),
  marked: Buffer.from(`\ufeff<?xml version="1.0"?>${root}${red}`),
  typed: Buffer.from(
    `<!DOCTYPE svg [<!ENTITY colour "#f00">]>${longComment}${root}${red.replace('#f00', '&colour;')}`,
  ),
  wide: utf16(`<?xml version="1.0" encoding="UTF-16"?>${root}${red}`),
  swapped: utf16(`<?xml version="1.0"?>${longComment}${root}${red}`).swap16(),
};

const letters = [...'abcdefghij'];
const entities = letters
  .map((name, at) => `<!ENTITY ${name} "${at === 0 ? 'lol' : `&${letters[at - 1]};`.repeat(10)}">`)
  .join('');

const served = (bodies: Record<string, Buffer>) =>
  pictureServer((path, response) => {
    const body = bodies[path.replace(/^\/|\.svg$/g, '')];
    if (body === undefined) return false;
    response.writeHead(200, { 'content-type': 'image/svg+xml' });
    // In pieces: the first does not tell what it is.
    response.write(body.subarray(0, 70), () => response.end(body.subarray(70)));
    return true;
  });

async function outcomes(server: PictureServer, names: string[], options: DownloadOptions) {
  const urls = names.map((name) => `${server.url}/${name}.svg`);
  const found = new Map<string, OutcomeEvent>();
  const common = { strategy: 'async', name: '{name}.{ext}', retries: 0 } as const;
  for await (const event of download(urls, { ...common, ...options })) {
    if (event.event === 'outcome') found.set(event.url.replace(/^.*\/|\.svg$/g, ''), event);
  }
  return found;
}

describe('an SVG', () => {
  const names = Object.keys(drawings);

  it('is refused without --svg, and it is said what takes it', async () => {
    using work = scratch();
    await using server = await served(drawings);
    for (const { error } of (await outcomes(server, names, { dir: work.path })).values()) {
      assert.equal(error?.code, 'not-an-image');
      assert.match(failures[error.code].hint, /--svg/);
    }
    assert.deepEqual(filesIn(work.path), []);
  });

  it('is stored as it came with --svg, every pixel of it checked, and kept by the next run', async () => {
    using work = scratch();
    await using server = await served(drawings);
    for (const status of ['saved', 'kept']) {
      const found = await outcomes(server, names, { dir: work.path, svg: true, check: 'full' });
      for (const [name, bytes] of Object.entries(drawings)) {
        const { path, mime, width, height, ...outcome } = found.get(name)!;
        assert.deepEqual(
          [outcome.status, path, mime, width, height],
          [status, `${name}.svg`, 'image/svg+xml', 40, 20],
        );
        assert.deepEqual(readFileSync(join(work.path, `${name}.svg`)), bytes);
      }
    }
    assert.equal(server.requests.length, names.length);
  });

  it('that a killed run had finished is adopted by a run with --svg, and by no other', async () => {
    for (const [svg, status] of [
      [true, 'kept'],
      [false, 'failed'],
    ] as const) {
      await using downloads = await testDownloads({ svg, retries: 0 });
      await using server = await served(drawings);
      writeFileSync(join(downloads.dir, 'picture.svg'), drawings.declared!);
      const work = workFor(`${server.url}/plain.svg`, {}, { adoptSinceMs: Date.now() });
      const outcome = await downloads.downloader.download(work);
      assert.deepEqual([outcome.status, outcome.path], [status, svg ? 'picture.svg' : null]);
    }
  });

  it('is stored as it came where only hashes are asked for, and drawn where pixels are', async () => {
    for (const [options, ext, width] of [
      [{ phash: true, blurhash: true }, 'svg', 40],
      [{ resize: 80 }, 'png', 80],
      [{ resize: 40 }, 'png', 40],
      [{ format: 'jpg' }, 'jpg', 40],
      [{ stripMetadata: true }, 'png', 40],
    ] as [DownloadOptions, string, number][]) {
      using work = scratch();
      await using server = await served(drawings);
      const found = await outcomes(server, names, { dir: work.path, svg: true, ...options });
      for (const [name, bytes] of Object.entries(drawings)) {
        const { path, error, picture } = found.get(name)!;
        assert.equal(path, `${name}.${ext}`, error?.message);
        assert.deepEqual([picture?.original.mime, picture?.original.width], ['image/svg+xml', 40]);
        const file = readFileSync(join(work.path, path));
        if (ext === 'svg') assert.deepEqual(file, bytes);
        else {
          const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
          assert.equal(info.width, width);
          assert.ok(data[0]! > 250 && data[1]! < 10 && data[2]! < 10, `${name}: ${data.subarray(0, 3)}`);
        }
      }
    }
  });

  it('is left out by filters as other pictures are', async () => {
    using work = scratch();
    await using server = await served(drawings);
    const found = await outcomes(server, names, { dir: work.path, svg: true, minSize: 21 });
    for (const { skip } of found.values()) assert.equal(skip?.message, '40 x 20 pixels, less than 21');
  });

  it('that was cut short is found to be, and a page or other XML is refused at its beginning', async () => {
    using work = scratch();
    const bodies = {
      cut: drawings.declared!.subarray(0, -8),
      page: Buffer.from(`<!doctype html>${longComment}<svg></svg>`),
      feed: Buffer.from(`<?xml version="1.0"?>${longComment}<rss></rss>`),
      endless: Buffer.from(`<!-- ${'c'.repeat(40_000)}`),
    };
    await using server = await served(bodies);
    const found = await outcomes(server, Object.keys(bodies), { dir: work.path, svg: true });
    const codes = [...found].map(([name, { error }]) => `${name} ${error?.code}`).sort();
    const refused = ['endless not-an-image', 'feed not-an-image', 'page not-an-image'];
    assert.deepEqual(codes, ['cut truncated', ...refused]);
  });
});

describe('a hostile SVG', () => {
  it('reads no file and no address, and runs nothing: what it names is not in the picture', async () => {
    using work = scratch();
    await using server = await served(drawings);
    const secret = new URL('../../package.json', import.meta.url).href;
    const image = (href: string) => `${root}<image xlink:href="${href}" width="40" height="20"/></svg>`;
    const bodies = {
      entity: `<!DOCTYPE svg [<!ENTITY x SYSTEM "${secret}">]>${root}<text y="10">&x;</text></svg>`,
      file: image(secret),
      address: image(`${server.url}/plain.svg`),
      script: `${root}<script>fetch("${server.url}/plain.svg")</script></svg>`,
    };
    await using hostile = await served(
      Object.fromEntries(Object.entries(bodies).map(([name, text]) => [name, Buffer.from(text)])),
    );
    const options = { dir: work.path, svg: true, format: 'png' } as const;
    const found = await outcomes(hostile, Object.keys(bodies), options);
    for (const [name, { path, error }] of found) {
      // A reader may refuse what it may not read.
      if (path === null) assert.equal(error?.code, 'corrupt', name);
      else {
        const { channels } = await sharp(join(work.path, path)).stats();
        assert.ok(
          channels.every(({ max }) => max === 0),
          `${name}: nothing is drawn`,
        );
      }
    }
    assert.deepEqual(server.requests, []);
  });

  it('that says it is huge, unfolds without end, or is no XML is one failed picture', async () => {
    using work = scratch();
    const bodies = {
      huge: root.replace('width="40" height="20"', 'width="30000" height="30000"') + red,
      bomb: `<!DOCTYPE svg [${entities}]>${root}<text>&j;</text></svg>`,
      broken: `${root}<a></b></svg>`,
    };
    await using hostile = await served(
      Object.fromEntries(Object.entries(bodies).map(([name, text]) => [name, Buffer.from(text)])),
    );
    const found = await outcomes(hostile, Object.keys(bodies), { dir: work.path, svg: true, resize: 10 });
    const codes = Object.keys(bodies).map((name) => found.get(name)!.error?.code);
    assert.deepEqual(codes, ['too-many-pixels', 'corrupt', 'corrupt']);
    assert.deepEqual(filesIn(work.path), []);
  });
});
