import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Expectation } from '../../src/core/item.ts';
import { suffixed } from '../../src/core/target.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { needs } from '../support/needs.ts';
import { closedPort, testServer } from '../support/raw-server.ts';
import { until } from '../support/scratch.ts';
import { jpegOf, tinyJpeg } from '../support/tiny-pictures.ts';

const digest = (name: string, bytes: Buffer) => createHash(name).update(bytes).digest('hex');
const tiny = () => testServer((_, response) => void response.end(tinyJpeg));

describe('the outcome of a saved item', () => {
  it('says what the bytes are and where the time went', async () => {
    const png = await sharp({ create: { width: 30, height: 20, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    await using server = await testServer((_, response) => void response.end(png));
    await using downloads = await testDownloads();
    const work = workFor(`${server.url}/a.jpg`, { key: 'k', index: 7 }, { target: 'album/x.{ext}' });
    const { ms, ...outcome } = await downloads.downloader.download(work);
    assert.deepEqual(outcome, {
      status: 'saved',
      key: 'k',
      url: `${server.url}/a.jpg`,
      index: 7,
      path: 'album/x.png',
      bytes: png.length,
      sha256: digest('sha256', png),
      mime: 'image/png',
      width: 30,
      height: 20,
      attempts: 1,
      startedMs: 0,
      endedMs: 0,
      slot: 0,
    });
    assert.ok(downloads.read('album/x.png').equals(png));
    assert.ok(Object.values(ms).every((time) => time >= 0 && time < 60_000));
  });

  it('has the names that are known with the bytes alone: {sha256} and {remote}, never a path out', async () => {
    await using server = await testServer((_, response) => {
      response.setHeader('content-disposition', 'attachment; filename="../../../evil\\..\\x.desktop"');
      response.end(tinyJpeg);
    });
    await using downloads = await testDownloads();
    const targets = ['{sha256}.{ext}', 'r/{remote}.{ext}'];
    const paths = [];
    for (const target of targets) {
      paths.push((await downloads.downloader.download(workFor(server.url, {}, { target }))).path!);
    }
    assert.equal(paths[0], `${digest('sha256', tinyJpeg)}.jpg`);
    assert.match(paths[1]!, /^r\/[^/\\]+\.jpg$/);
    assert.deepEqual(downloads.files(), paths.toSorted());
  });

  it('tells of the first byte when it comes, not when the last has come', async () => {
    let finish = () => {};
    await using server = await testServer((_, response) => {
      response.writeHead(200, { 'content-length': tinyJpeg.length }).write(tinyJpeg.subarray(0, 10));
      finish = () => response.end(tinyJpeg.subarray(10));
    });
    const told: number[] = [];
    await using downloads = await testDownloads({}, { hooks: { firstByte: (_, ms) => void told.push(ms) } });
    const download = downloads.downloader.download(workFor(server.url));
    await until(() => told.length === 1);
    finish();
    assert.equal((await download).status, 'saved');
    assert.equal(told.length, 1);
  });
});

describe('what the source promised', { concurrency: true }, () => {
  const right: Expectation = {
    bytes: tinyJpeg.length,
    sha256: digest('sha256', tinyJpeg),
    sha1: digest('sha1', tinyJpeg),
    md5: digest('md5', tinyJpeg),
  };
  const wrong: Expectation = { bytes: 1, sha256: '0'.repeat(64), sha1: '0'.repeat(40), md5: '0'.repeat(32) };

  it('is kept', async () => {
    await using server = await tiny();
    await using downloads = await testDownloads();
    const { status, error } = await downloads.downloader.download(workFor(server.url, { expect: right }));
    assert.equal(status, 'saved', error?.message);
  });

  for (const name of ['bytes', 'sha256', 'sha1', 'md5'] as const) {
    it(`is tried once more where ${name} is another, then failed, and nothing stays`, async () => {
      await using server = await tiny();
      await using downloads = await testDownloads();
      const work = workFor(server.url, { expect: { ...right, [name]: wrong[name] } });
      const { error, attempts } = await downloads.downloader.download(work);
      assert.deepEqual([error?.code, error?.retryable, attempts], ['mismatch', true, 2]);
      assert.ok(error!.message.includes(String(wrong[name])));
      assert.equal(server.requests.length, 2);
      assert.deepEqual(downloads.files(), []);
    });
  }

  it('may be kept at the second try, also when the first was longer than memory is for', async () => {
    const good = jpegOf(400_000);
    for (const bad of [jpegOf(900_000), jpegOf(100)]) {
      await using server = await testServer(
        (_, response, turn) => void response.end(turn === 1 ? bad : good),
      );
      await using downloads = await testDownloads();
      const work = workFor(server.url, { expect: { bytes: good.length } });
      const outcome = await downloads.downloader.download(work);
      assert.deepEqual([outcome.status, outcome.attempts], ['saved', 2]);
      assert.ok(downloads.read('picture.jpg').equals(good));
    }
  });
});

describe('mirrors', { concurrency: true }, () => {
  it('are tried in turn until one has it', async () => {
    await using gone = await testServer((_, response) => void response.writeHead(404).end());
    await using page = await testServer((_, response) => void response.end('<!doctype html>'.padEnd(100)));
    await using good = await tiny();
    await using downloads = await testDownloads({ retries: 0 });
    const mirrors = [await closedPort(), 'ftp://pictures.example/', page.url, good.url, gone.url];
    const outcome = await downloads.downloader.download(workFor(gone.url, { mirrors }));
    assert.deepEqual([outcome.status, outcome.url, outcome.attempts], ['saved', gone.url, 4]);
    assert.deepEqual([gone.requests.length, page.requests.length, good.requests.length], [1, 1, 1]);
  });

  it('elsewhere get no header that was meant for the host of the item', async () => {
    await using elsewhere = await tiny();
    await using home = await testServer((request, response) => {
      if (request.url === '/same') response.writeHead(404).end();
      else response.writeHead(410).end();
    });
    await using downloads = await testDownloads({ headers: { 'x-run': 'secret' } });
    const item = { headers: { authorization: 'secret' }, mirrors: [`${home.url}/same`, elsewhere.url] };
    assert.equal((await downloads.downloader.download(workFor(home.url, item))).status, 'saved');
    assert.deepEqual(
      home.requests.map(({ headers }) => [headers['x-run'], headers.authorization]),
      [
        ['secret', 'secret'],
        ['secret', 'secret'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(elsewhere.requests), /secret/);
  });

  it('that all fail: the last one says why', async () => {
    await using gone = await testServer((_, response) => void response.writeHead(410).end());
    await using downloads = await testDownloads({ retries: 0 });
    const work = workFor(await closedPort(), { mirrors: [gone.url] });
    const { error, attempts } = await downloads.downloader.download(work);
    assert.deepEqual([error?.code, attempts], ['not-found', 2]);
  });

  it('are not asked when the time of the item is over', async () => {
    await using silent = await testServer(() => {});
    await using good = await tiny();
    await using downloads = await testDownloads({ timeoutMs: 200 });
    const work = workFor(silent.url, { mirrors: [good.url] });
    assert.equal((await downloads.downloader.download(work)).error?.code, 'timeout');
    assert.equal(good.requests.length, 0);
  });

  it('cannot help where the disk is in the way', async () => {
    await using server = await tiny();
    await using good = await tiny();
    await using downloads = await testDownloads();
    fs.mkdirSync(path.join(downloads.dir, 'picture.jpg'));
    const work = workFor(server.url, { mirrors: [good.url] });
    const { error } = await downloads.downloader.download(work);
    assert.deepEqual([error?.code, error?.retryable], ['unsafe-path', false]);
    assert.equal(good.requests.length, 0);
    assert.deepEqual(downloads.files(), []);
  });
});

describe('a name and a password in the address', { concurrency: true }, () => {
  it('become the Authorization of the request, and are in no outcome', async () => {
    await using server = await testServer((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end();
      else response.end(tinyJpeg);
    });
    await using downloads = await testDownloads({ info: true });
    const withUser = server.url.replace('//', '//me%40home:top%3Asecret@');
    for (const place of ['/picture', '/gone']) {
      const outcome = await downloads.downloader.download(workFor(withUser + place, { key: place }));
      assert.ok(!JSON.stringify(outcome).includes('secret'));
      assert.equal(outcome.url, server.url + place);
    }
    const sent = server.requests.map(({ headers }) => headers.authorization!.replace('Basic ', ''));
    assert.equal(Buffer.from(sent[0]!, 'base64').toString(), 'me@home:top:secret');
    assert.ok(!downloads.read('picture.jpg.json').includes('secret'));
  });

  for (const address of ['ftp://me:secret@pictures.example/', 'http://me:secret@[', '//me:secret@host/a']) {
    it(`are not repeated where the address is none: ${address.replace('secret', '...')}`, async () => {
      await using downloads = await testDownloads();
      const outcome = await downloads.downloader.download(workFor(address, { key: 'k' }));
      assert.deepEqual([outcome.error?.code, outcome.attempts], ['bad-url', 0]);
      assert.ok(!JSON.stringify(outcome).includes('secret'), JSON.stringify(outcome));
    });
  }

  it('may be percent-encoded wrongly', async () => {
    await using server = await tiny();
    await using downloads = await testDownloads();
    const { status } = await downloads.downloader.download(workFor(server.url.replace('//', '//100%:%zz@')));
    assert.equal(status, 'saved');
  });
});

describe('--info', () => {
  it('puts what the source said beside the file, and beside a file that an earlier run had finished', async () => {
    await using server = await tiny();
    await using downloads = await testDownloads({ info: true });
    const item = { title: 'Sea', album: { id: 'a', title: 'Summer' }, meta: { views: 3 } };
    const work = workFor(server.url, item);
    const since = Date.now() - 1000;
    await downloads.downloader.download(work);
    const written = JSON.parse(downloads.read('picture.jpg.json').toString()) as Record<string, unknown>;
    assert.deepEqual([written.title, written.album, written.source], ['Sea', item.album, item.meta]);
    assert.deepEqual([written.path, written.sha256], ['picture.jpg', digest('sha256', tinyJpeg)]);
    fs.rmSync(path.join(downloads.dir, 'picture.jpg.json'));
    const kept = await downloads.downloader.download({ ...work, adoptSinceMs: since });
    assert.equal(kept.status, 'kept');
    assert.deepEqual(downloads.files(), ['picture.jpg', 'picture.jpg.json']);
  });

  it("overwrites its own text, and nobody else's", async () => {
    await using server = await testServer((request, response) => {
      response.end(request.url === '/json' ? '{"key": "of the web"}' : tinyJpeg);
    });
    await using downloads = await testDownloads({ info: true, anyType: true });
    const json = workFor(`${server.url}/json`, { key: 'j' }, { target: 'a.jpg.{ext}' });
    assert.equal((await downloads.downloader.download(json)).path, 'a.jpg.json');
    fs.writeFileSync(path.join(downloads.dir, 'b.jpg.json'), 'my notes');
    fs.mkdirSync(path.join(downloads.dir, 'c.jpg.json'));
    for (const title of ['first', 'second']) {
      for (const name of ['a', 'b', 'c']) {
        const work = workFor(server.url, { key: name, title }, { target: `${name}.{ext}` });
        assert.deepEqual((await downloads.downloader.download(work)).status, 'saved');
      }
    }
    assert.equal(downloads.read('a.jpg.json').toString(), '{"key": "of the web"}');
    assert.equal(downloads.read('b.jpg.json').toString(), 'my notes');
    for (const name of ['a', 'b']) {
      const written = JSON.parse(downloads.read(suffixed(`${name}.jpg.json`, name)).toString());
      assert.deepEqual([written.key, written.path, written.title], [name, `${name}.jpg`, 'second']);
    }
  });
});

describe('a file that is there already', { concurrency: true }, () => {
  it('of a run that was killed is kept without a request, with its figures', async () => {
    await using server = await tiny();
    await using downloads = await testDownloads();
    const since = Date.now();
    fs.writeFileSync(path.join(downloads.dir, 'picture.jpg'), tinyJpeg);
    const work = workFor(server.url, {}, { adoptSinceMs: since });
    const outcome = await downloads.downloader.download(work);
    assert.deepEqual(
      [outcome.status, outcome.path, outcome.bytes, outcome.sha256, outcome.mime, outcome.attempts],
      ['kept', 'picture.jpg', tinyJpeg.length, digest('sha256', tinyJpeg), 'image/jpeg', 0],
    );
    assert.equal(server.requests.length, 0);
  });

  const others: [what: string, bytes: Buffer, ageMs: number, expect: Expectation][] = [
    ['is older than the name', tinyJpeg, 60_000, {}],
    ['is not whole', tinyJpeg.subarray(0, 40), 0, {}],
    ['is not what was promised', jpegOf(200), 0, { bytes: tinyJpeg.length }],
    ['is another kind of file', Buffer.from('my notes'), 0, {}],
  ];
  for (const [what, bytes, ageMs, expect] of others) {
    it(`is fetched, and left alone, where it ${what}`, async () => {
      await using server = await testServer((_, response) => void response.end(jpegOf(64)));
      await using downloads = await testDownloads();
      const file = path.join(downloads.dir, 'picture.jpg');
      fs.writeFileSync(file, Buffer.concat([bytes]));
      const then = (Date.now() - ageMs) / 1000;
      fs.utimesSync(file, then, then);
      const work = workFor(server.url, { expect, key: 'k' }, { adoptSinceMs: Date.now() - 1000 });
      const { status, path: place } = await downloads.downloader.download(work);
      assert.equal(status, 'saved');
      assert.equal(server.requests.length, 1);
      assert.ok(fs.readFileSync(file).equals(bytes));
      // Its very bytes are adopted as they are.
      assert.equal(place, bytes.equals(tinyJpeg) ? 'picture.jpg' : suffixed('picture.jpg', 'k'));
    });
  }

  it("that is the item's own is replaced; one that is not gets company, the same on every run", async () => {
    await using server = await tiny();
    await using downloads = await testDownloads();
    fs.writeFileSync(path.join(downloads.dir, 'picture.jpg'), 'somebody else');
    const other = suffixed('picture.jpg', 'k');
    for (let run = 0; run < 2; run += 1) {
      const { path: place } = await downloads.downloader.download(workFor(server.url, { key: 'k' }));
      assert.equal(place, other);
    }
    assert.deepEqual(downloads.files(), ['picture.jpg', other].sort());
    const own = workFor(server.url, { key: 'k' }, { ownedPath: 'picture.jpg' });
    assert.equal((await downloads.downloader.download(own)).path, 'picture.jpg');
    assert.ok(downloads.read('picture.jpg').equals(tinyJpeg));
  });

  it("that bears the item's second name is replaced where it is its own, and is left alone else", async () => {
    const bodies = [tinyJpeg, jpegOf(200), jpegOf(300)];
    await using server = await testServer((_, response) => void response.end(bodies.shift()));
    await using downloads = await testDownloads();
    fs.writeFileSync(path.join(downloads.dir, 'picture.jpg'), 'somebody else');
    const other = suffixed('picture.jpg', 'k');
    const get = async (ownedPath: string | null) =>
      (await downloads.downloader.download(workFor(server.url, { key: 'k' }, { ownedPath }))).path!;
    assert.deepEqual([await get(null), await get(other)], [other, other]);
    const third = await get(null);
    assert.ok(downloads.read(other).equals(jpegOf(200)) && downloads.read(third).equals(jpegOf(300)));
    assert.deepEqual(downloads.files(), ['picture.jpg', other, third].sort());
  });

  it('where a directory is needed fails its item alone', async () => {
    await using server = await tiny();
    await using downloads = await testDownloads();
    fs.writeFileSync(path.join(downloads.dir, 'album'), 'a file');
    for (const adoptSinceMs of [null, 0]) {
      const work = workFor(server.url, {}, { target: 'album/picture.{ext}', adoptSinceMs });
      assert.equal((await downloads.downloader.download(work)).error?.code, 'unsafe-path');
    }
  });
});

describe('--max-bytes', { concurrency: true }, () => {
  it('is inclusive, and refuses by Content-Length before the body and without one as soon as it is over', async () => {
    const body = jpegOf(300_000);
    await using server = await testServer((request, response) => {
      if (request.url === '/chunked') response.write(body.subarray(0, 10));
      response.end(request.url === '/chunked' ? body.subarray(10) : body);
    });
    for (const [maxBytes, code] of [
      [body.length, undefined],
      [body.length - 1, 'too-large'],
    ] as const) {
      for (const place of ['/chunked', '/length']) {
        await using downloads = await testDownloads({ maxBytes });
        const { error, attempts } = await downloads.downloader.download(workFor(server.url + place));
        assert.deepEqual([error?.code, attempts], [code, 1], place);
        assert.equal(downloads.files().length, code === undefined ? 1 : 0);
      }
    }
  });
});

const descriptors = '/proc/self/fd';
describe('descriptors', {
  skip: needs(fs.existsSync(descriptors), `this system has no ${descriptors} to count them in`),
}, () => {
  const open = () => fs.readdirSync(descriptors).length;

  it('are all given back when the downloader is closed', async () => {
    await using server = await testServer((request, response) => {
      const place = request.url!;
      if (place.startsWith('/gone')) response.writeHead(404).end();
      else if (place.startsWith('/cut')) {
        response.writeHead(200, { 'content-length': 9e5 }).write(jpegOf(5e5), () => response.destroy());
      } else response.end(place.startsWith('/long') ? jpegOf(500_000) : tinyJpeg);
    });
    const before = open();
    {
      await using downloads = await testDownloads({ retries: 0 });
      const all = Array.from({ length: 60 }, (_, at) => {
        const place = ['/gone', '/cut', '/long', '/short'][at % 4]! + at;
        return downloads.downloader.download(workFor(server.url + place, {}, { target: `${at}.{ext}` }));
      });
      const states = (await Promise.all(all)).map(({ status }) => status);
      assert.equal(states.filter((status) => status === 'saved').length, 30);
    }
    await until(() => open() <= before);
  });
});

it('a disk out of descriptors fails the item, for its strategy to bring back, and not the run', async (t) => {
  await using server = await testServer((request, response) => {
    response.end(request.url === '/long' ? jpegOf(500_000) : tinyJpeg);
  });
  await using downloads = await testDownloads();
  const [short, long] = ['/short', '/long'].map((place) => workFor(server.url + place));
  const full = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  const openSync = t.mock.method(fs, 'openSync', () => {
    throw full;
  });
  for (const work of [short!, long!]) {
    assert.equal((await downloads.downloader.download(work)).error?.code, 'too-many-files');
  }
  openSync.mock.restore();
  assert.deepEqual(downloads.files(), []);
  assert.equal((await downloads.downloader.download(long!)).status, 'saved');
});
