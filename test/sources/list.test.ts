import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { InterruptedError, type ListingError, UsageError } from '../../src/core/errors.ts';
import { album, all, bytesOf, data, failure, image, itemsOfInput, testApi, testContext } from './support.ts';

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gallop-list-'));
});
after(() => rm(dir, { recursive: true }));

const fromStdin = async (...chunks: (string | Uint8Array)[]) =>
  await all(itemsOfInput('-', testContext({}, { stdin: bytesOf(...chunks), environment: {} })));
const urls = async (...chunks: (string | Uint8Array)[]) => (await fromStdin(...chunks)).map(({ url }) => url);
const [one, two] = ['https://h.example/1.jpg', 'https://h.example/2.jpg'];

describe('a list', () => {
  it('is read line by line: comments and empty lines passed over, fragments dropped, spaces trimmed', async () => {
    const items = await fromStdin(`# mine\n\n  ${one}  \n   # more\n${two}#top\nhttp://h.example/a b?x=1`);
    assert.deepEqual(items, [
      { key: one, url: one, name: '1', index: 1, reach: ['loopback', 'private'] },
      { key: two, url: two, name: '2', index: 2, reach: ['loopback', 'private'] },
      {
        key: 'http://h.example/a%20b?x=1',
        url: 'http://h.example/a%20b?x=1',
        name: 'a b',
        index: 3,
        reach: ['loopback', 'private'],
      },
    ]);
  });

  const text = `${one}\n${two}`;
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  const files: [what: string, bytes: string | Uint8Array][] = [
    ['with a byte order mark', `\ufeff${text}`],
    ['with CRLF', `${one}\r\n${two}\r\n`],
    ['gzipped, whatever its name', gzipSync(text)],
    ['gzipped, with a byte order mark', gzipSync(`\ufeff${text}`)],
    ['of two gzips joined', Buffer.concat([gzipSync(`${one}\n`), gzipSync(two)])],
    ['in UTF-16', utf16],
    ['in big-endian UTF-16', Buffer.from(utf16).swap16()],
  ];
  for (const [what, bytes] of files) {
    it(`may be a file ${what}`, async () => {
      const file = join(dir, 'list.txt');
      await writeFile(file, bytes);
      const items = await all(itemsOfInput(file, testContext()));
      assert.deepEqual(
        items.map(({ url }) => url),
        [one, two],
      );
    });
    it(`may come in single bytes ${what}`, async () => {
      assert.deepEqual(await urls(...[...Buffer.from(bytes as string)].map((byte) => Buffer.of(byte))), [
        one,
        two,
      ]);
    });
  }

  it('may be empty', async () => {
    assert.deepEqual(await fromStdin(''), []);
    assert.deepEqual(await fromStdin(), []);
    assert.deepEqual(await fromStdin('\ufeff\n\n'), []);
  });

  const badLines: [what: string, line: string, message: RegExp][] = [
    ['no address', 'hello', /not an address/],
    ['an address without a scheme', 'h.example/1.jpg', /write https:\/\/h\.example\/1\.jpg/],
    ['another scheme', 'ftp://h.example/x', /not an address/],
    ['data', 'data:image/png;base64,AAAA', /not an address/],
    ['a demo', 'demo:?images=9', /not an address/],
    ['tabs', `${one}\t${two}`, /tab/],
    ['what is not UTF-8', Buffer.from('https://h/\xe9.jpg', 'latin1').toString('utf8'), /UTF-8/],
    ['an Imgur address that names nothing', 'https://imgur.com/t/funny', /names nothing/],
    ['an album without credentials', 'https://imgur.com/a/AbCde', /CLIENT_ID/],
    ['a password, and no address', 'htps://ann:hunter22@h.example/x', /not an address/],
  ];
  for (const [what, line, message] of badLines) {
    it(`goes on after a line with ${what}, which is one failed item`, async () => {
      const items = await fromStdin(`${one}\n${line}\n${two}\n`);
      assert.deepEqual(
        items.map(({ index }) => index),
        [1, 2, 3],
      );
      assert.deepEqual([items[0]?.url, items[2]?.url], [one, two]);
      const bad = items[1]!;
      assert.match(bad.failure!.message, /^line 2: /);
      assert.match(bad.failure!.message, message);
      assert.deepEqual(bad.meta, { line: 2, error: bad.failure!.message.slice('line 2: '.length) });
      assert.match(bad.key, /^line:2:/);
      assert.doesNotMatch(JSON.stringify(bad), /hunter22/);
    });
  }

  it('bounds a line of many megabytes, which is one failed item', async () => {
    const part = 'x'.repeat(1024 * 1024);
    const items = await fromStdin(
      `${one}\nhttps://h/`,
      ...Array.from({ length: 64 }, () => part),
      `\r\n${two}`,
    );
    assert.deepEqual([items.length, items[0]?.url, items[2]?.url], [3, one, two]);
    assert.match(items[1]!.failure!.message, /longer than 65536/);
    assert.equal(items[1]?.url.length, 2000);
  });

  it('has room for a long address', async () => {
    const long = `https://h.example/${'y'.repeat(60_000)}`;
    assert.deepEqual(await urls(`${long}\n${one}`), [long, one]);
  });

  it('is never held: 200,000 lines are read no faster than they are taken', async () => {
    const linesPerChunk = 1000;
    let made = 0;
    async function* chunks() {
      for (; made < 200; ) {
        const from = made * linesPerChunk;
        made += 1;
        yield Buffer.from(
          Array.from({ length: linesPerChunk }, (_, n) => `https://h.example/${from + n}.jpg\n`).join(''),
        );
      }
    }
    let [taken, furthestAhead] = [0, 0];
    for await (const item of itemsOfInput('-', testContext({}, { stdin: chunks() }))) {
      taken += 1;
      assert.equal(item.index, taken);
      furthestAhead = Math.max(furthestAhead, made * linesPerChunk - taken);
    }
    assert.equal(taken, 200_000);
    assert.ok(furthestAhead <= 2 * linesPerChunk, `${furthestAhead} lines ahead`);
  });

  it('lets go of its file when its reader has enough', async () => {
    const stdin = new PassThrough();
    stdin.write(`${one}\n${two}\n`);
    for await (const _ of itemsOfInput('-', testContext({}, { stdin }))) break;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(stdin.destroyed, true);
  });

  it('ends at once when the run is stopped, though its input says nothing', async () => {
    const controller = new AbortController();
    const stdin = new PassThrough();
    stdin.write(`${one}\n`);
    const items = itemsOfInput('-', testContext({}, { stdin, signal: controller.signal }));
    assert.equal((await items.next()).value?.url, one);
    const next = items.next();
    controller.abort();
    await assert.rejects(next, InterruptedError);
  });

  it('that is not there is a mistake of the command', async () => {
    await assert.rejects(all(itemsOfInput(join(dir, 'missing'), testContext())), (error: UsageError) => {
      assert.match(error.message, /missing: there is no such file/);
      return error.exitCode === 2;
    });
    await mkdir(join(dir, 'empty'));
    await assert.rejects(all(itemsOfInput(join(dir, 'empty'), testContext())), UsageError);
  });

  it('that is no text, or cut off, is said to be so', async () => {
    await assert.rejects(fromStdin(Buffer.of(0x89, 0x50, 0, 0, 10, 0)), { code: 'bad-file', exitCode: 4 });
    const packed = gzipSync(`${one}\n`.repeat(1000));
    await assert.rejects(
      fromStdin(packed.subarray(0, packed.length - 12)),
      (error: ListingError) => error.code === 'bad-file',
    );
  });

  it('expands albums in place, takes direct links without a request, and goes on after an album that is gone', async () => {
    await using api = await testApi({
      '/3/album/alb': data(album('alb', [image('p1'), image('p2')])),
      '/3/album/gone': failure(404, 'Unable to find'),
      '/3/album/shut': failure(403, 'no'),
    });
    const lines = [
      one,
      'imgur:alb',
      'https://imgur.com/a/gone',
      'https://i.imgur.com/pic0001m.png',
      'https://imgur.com/a/shut',
      two,
    ];
    const context = testContext({ imgurApi: api.url }, { stdin: bytesOf(lines.join('\n')) });
    const items = await all(itemsOfInput('-', context));
    assert.deepEqual(
      items.map(({ index, url, failure }) => [index, url, failure?.code]),
      [
        [1, one, undefined],
        [2, 'https://i.imgur.com/p1.jpg', undefined],
        [3, 'https://i.imgur.com/p2.jpg', undefined],
        [4, 'https://imgur.com/a/gone', 'not-found'],
        [5, 'https://i.imgur.com/pic0001.png', undefined],
        [6, 'https://imgur.com/a/shut', 'forbidden'],
        [7, two, undefined],
      ],
    );
    assert.deepEqual(items[1]?.reach, ['loopback']);
    assert.equal(context.notes.length, 2);
    assert.deepEqual(context.totals, []);
    assert.ok(!api.requests.some((request) => request.includes('pic0001')));
  });
});

describe('what is shown of a bad line', () => {
  it('holds no password, wherever in the line an address begins', async () => {
    for (const bad of [
      '//https://user:s3cret@h.example/x.jpg',
      'see https://user:s3cret@h.example/x.jpg',
      `${'x'.repeat(1980)}//user:s3cret@h.example`,
      'https://imgur.com/user/a b/https://user:s3cret@h.example/x.jpg',
    ]) {
      const items = await fromStdin(bad);
      assert.equal(items.length, 1);
      assert.ok(items[0]!.failure !== undefined);
      assert.doesNotMatch(JSON.stringify(items), /s3cr/, bad);
    }
  });

  it('is short, however long the line', async () => {
    for (const bad of [`h.example/${'x'.repeat(60_000)}`, `imgur:${'-'.repeat(60_000)}`]) {
      const [item] = await fromStdin(bad);
      assert.ok(item!.failure!.message.length < 1000, String(item!.failure!.message.length));
    }
  });
});
