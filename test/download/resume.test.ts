import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import type { Expectation } from '../../src/core/item.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { type Handler, type Seen, testServer } from '../support/raw-server.ts';
import { jpegOf } from '../support/tiny-pictures.ts';

before(() => {
  // No back-off: how long it is, is proved elsewhere.
  mock.method(Math, 'random', () => 0);
});
after(() => mock.restoreAll());

const file = jpegOf(3_000_000);
/** Of the same length, with other bytes from the first on that stand in its scan. */
const other = Buffer.concat([file.subarray(0, 100), Buffer.alloc(2_999_898, 0x3c), file.subarray(-2)]);
const etag = '"v1"';

type Headers = Record<string, string | number>;
type Answer = { status?: number; headers?: Headers; body?: Buffer; breaks?: boolean };

/** What the test's server answers to each request in turn, and to all after the last as to the last. */
type Script = readonly ((request: Seen['headers']) => Answer)[];

const play =
  (script: Script): Handler =>
  (request, response, turn) => {
    const {
      status = 200,
      headers = {},
      body,
      breaks,
    } = script[Math.min(turn, script.length) - 1]!(request.headers);
    response.writeHead(status, headers);
    if (body !== undefined) response.write(body);
    if (breaks) {
      // A reset overtakes what was not read yet.
      response.socket!.setNoDelay();
      setTimeout(() => response.socket?.destroy(), 50);
    } else response.end();
  };

/** 200 with everything announced and the first `bytes` sent. */
const broken =
  (bytes: number, headers: Headers = { etag }, whole = file) =>
  (): Answer => ({
    headers: { 'content-length': whole.length, ...headers },
    body: whole.subarray(0, bytes),
    breaks: true,
  });
const all =
  (bytes = file, headers: Headers = { etag }) =>
  (): Answer => ({ headers: { 'content-length': bytes.length, ...headers }, body: bytes });

const from = (request: Seen['headers']): number => Number(/^bytes=(\d+)-$/.exec(request.range ?? '')![1]);

/** 206 with what the request lacks, of `whole`. */
const rest =
  (headers: (at: number) => Headers = () => ({ etag }), whole = file) =>
  (request: Seen['headers']): Answer => {
    const at = from(request);
    const body = whole.subarray(at);
    const range = `bytes ${at}-${whole.length - 1}/${whole.length}`;
    return {
      status: 206,
      headers: { 'content-length': body.length, 'content-range': range, ...headers(at) },
      body,
    };
  };

const refused = (headers: Headers) => (): Answer => ({ status: 416, headers });

async function fetchScript(script: Script, expect: Expectation = {}, spec: Partial<RunSpec> = {}) {
  await using server = await testServer(play(script));
  await using downloads = await testDownloads({ retries: 3, ...spec });
  const outcome = await downloads.downloader.download(workFor(`${server.url}/a.jpg`, { expect }));
  return {
    outcome,
    ranges: server.requests.map(({ headers }) => headers.range ?? null),
    conditions: server.requests.map(({ headers }) => headers['if-range'] ?? null),
    bytes: outcome.path === null ? null : downloads.read(outcome.path),
    files: downloads.files(),
  };
}

const half = 1_500_000;
const onwards = `bytes=${half}-`;
const date = new Date().toUTCString();
const before2000 = 'Sat, 01 Jan 2000 00:00:00 GMT';

interface Row {
  what: string;
  script: Script;
  /** The Range of each request. */
  ranges: (string | null)[];
  whole?: Buffer;
  expect?: Expectation;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const rows: Row[] = [
  { what: 'the rest is asked for and added', script: [broken(half), rest()], ranges: [null, onwards] },
  {
    what: 'breaks in the rest: its rest is asked for',
    script: [
      broken(half),
      (request) => ({ ...rest()(request), body: file.subarray(from(request), 2_000_000), breaks: true }),
      rest(),
    ],
    ranges: [null, onwards, 'bytes=2000000-'],
  },
  {
    what: 'a small file, too',
    script: [broken(10_000, { etag }, file.subarray(0, 20_000)), rest(() => ({ etag }), jpegOf(20_000))],
    ranges: [null, 'bytes=10000-'],
    whole: Buffer.concat([file.subarray(0, 10_000), jpegOf(20_000).subarray(10_000)]),
  },
  {
    what: 'a date is a validator where there is no tag and it is older than the answer',
    script: [
      broken(half, { 'last-modified': before2000, date }),
      rest(() => ({ 'last-modified': before2000 })),
    ],
    ranges: [null, onwards],
  },
  {
    what: 'no validator: from 0',
    script: [broken(half, { date }), all()],
    ranges: [null, null],
  },
  {
    what: 'a weak tag: from 0, whatever date is beside it',
    script: [broken(half, { etag: 'W/"v1"', 'last-modified': before2000, date }), all()],
    ranges: [null, null],
  },
  {
    what: 'a date of the very second: from 0',
    script: [broken(half, { 'last-modified': date, date }), all()],
    ranges: [null, null],
  },
  { what: 'Range ignored, 200: from 0', script: [broken(half), all()], ranges: [null, onwards] },
  {
    what: 'another file by now, 200: from 0, never mixed',
    script: [broken(half), all(other, { etag: '"v2"' })],
    ranges: [null, onwards],
    whole: other,
  },
  {
    what: 'another file that breaks, too: gone on with by its own tag',
    script: [broken(half), broken(1_000_000, { etag: '"v2"' }, other), rest(() => ({ etag: '"v2"' }), other)],
    ranges: [null, onwards, 'bytes=1000000-'],
    whole: other,
  },
  {
    what: '206 of another file, though If-Range forbids it: from 0',
    script: [broken(half), rest(() => ({ etag: '"v2"' }), other), all(other)],
    ranges: [null, onwards, null],
    whole: other,
  },
  {
    what: '206 of an older date than asked for: from 0',
    script: [
      broken(half, { 'last-modified': before2000, date }),
      rest(() => ({ 'last-modified': 'Fri, 01 Jan 1999 00:00:00 GMT' }), other),
      all(other),
    ],
    ranges: [null, onwards, null],
    whole: other,
  },
  ...[
    ['another beginning', (at: number) => `bytes ${at - 100}-2999999/3000000`],
    ['a later beginning', (at: number) => `bytes ${at + 100}-2999999/3000000`],
    ['another end', (at: number) => `bytes ${at}-2999998/3000000`],
    ['another total', (at: number) => `bytes ${at}-2999999/3000001`],
    ['an end behind the total', (at: number) => `bytes ${at}-3000000/3000000`],
    ['rubbish', () => 'bytes all'],
    ['another unit', (at: number) => `pages ${at}-2999999/3000000`],
    ['numbers out of all ranges', (at: number) => `bytes ${at}-99999999999999999999/*`],
  ].map(
    ([what, range]): Row => ({
      what: `206 with ${what}: from 0`,
      script: [
        broken(half),
        rest((at) => ({ etag, 'content-range': (range as (at: number) => string)(at) })),
        all(),
      ],
      ranges: [null, onwards, null],
    }),
  ),
  {
    what: '206 without a Content-Range (several parts, or none): from 0',
    script: [
      broken(half),
      () => ({
        status: 206,
        headers: { 'content-type': 'multipart/byteranges; boundary=x' },
        body: file.subarray(half),
      }),
      all(),
    ],
    ranges: [null, onwards, null],
  },
  {
    what: '206 whose length is not that of its range: from 0',
    script: [
      broken(half),
      () => ({
        status: 206,
        headers: { etag, 'content-length': 10, 'content-range': `bytes ${half}-2999999/3000000` },
        body: file.subarray(half, half + 10),
      }),
      all(),
    ],
    ranges: [null, onwards, null],
  },
  {
    what: '206 of an unknown total that ends where it has to: added',
    script: [broken(half), rest((at) => ({ etag, 'content-range': `bytes ${at}-2999999/*` }))],
    ranges: [null, onwards],
  },
  {
    what: '206 in chunks that stop short: its rest is asked for',
    script: [
      broken(half),
      (request) => ({
        status: 206,
        headers: { etag, 'content-range': `bytes ${from(request)}-2999999/3000000` },
        body: file.subarray(from(request), 2_500_000),
      }),
      rest(),
    ],
    ranges: [null, onwards, 'bytes=2500000-'],
  },
  {
    what: '500 in between changes nothing',
    script: [broken(half), () => ({ status: 500 }), rest()],
    ranges: [null, onwards, onwards],
  },
  {
    what: '416 with the size that is there and its tag: whole',
    script: [
      () => ({ headers: { etag }, body: file, breaks: true }),
      refused({ etag, 'content-range': 'bytes */3000000' }),
    ],
    ranges: [null, 'bytes=3000000-'],
  },
  {
    what: '416 with the size that is there and the promised digest: whole',
    script: [
      () => ({ headers: { etag }, body: file, breaks: true }),
      refused({ 'content-range': 'bytes */3000000' }),
    ],
    ranges: [null, 'bytes=3000000-'],
    expect: { sha256: sha256(file) },
  },
  {
    what: '416 with nothing that proves it: from 0',
    script: [
      () => ({ headers: { etag }, body: file, breaks: true }),
      refused({ 'content-range': 'bytes */3000000' }),
      all(),
    ],
    ranges: [null, 'bytes=3000000-', null],
  },
  {
    what: '416 with another tag: from 0',
    script: [
      () => ({ headers: { etag }, body: file, breaks: true }),
      refused({ etag: '"v2"', 'content-range': 'bytes */3000000' }),
      all(other, { etag: '"v2"' }),
    ],
    ranges: [null, 'bytes=3000000-', null],
    whole: other,
  },
  {
    what: '416, the file is shorter than what is there: from 0',
    script: [
      broken(half),
      refused({ etag, 'content-range': 'bytes */1000000' }),
      all(jpegOf(1_000_000), { etag: '"v2"' }),
    ],
    ranges: [null, onwards, null],
    whole: jpegOf(1_000_000),
  },
  {
    what: '416 without a Content-Range: from 0',
    script: [broken(half), refused({}), all()],
    ranges: [null, onwards, null],
  },
  {
    what: 'whole, but not what was promised: from 0, once',
    script: [broken(half, { etag }, other), rest(() => ({ etag }), other), all()],
    ranges: [null, onwards, null],
    expect: { sha256: sha256(file) },
  },
];

describe('a download that broke off goes on where it stopped, or from 0, and is never mixed', {
  concurrency: 4,
}, () => {
  for (const { what, script, ranges, whole = file, expect } of rows) {
    it(what, async () => {
      const { outcome, files, bytes, ...seen } = await fetchScript(script, expect);
      assert.equal(outcome.status, 'saved', outcome.error?.message);
      assert.deepEqual(seen.ranges, ranges);
      assert.ok(bytes!.equals(whole));
      assert.deepEqual([outcome.bytes, outcome.sha256], [whole.length, sha256(whole)]);
      assert.equal(outcome.attempts, ranges.length);
      assert.deepEqual(files, ['picture.jpg']);
    });
  }
});

describe('an answer to the request for the rest means what it means to a first request', () => {
  const html = Buffer.from('<!doctype html><p>please sign in</p>');
  const answers: [what: string, answer: Answer, code: string][] = [
    ['404', { status: 404, body: html }, 'not-found'],
    ['403', { status: 403, body: html }, 'forbidden'],
    ['200 with a page', { headers: { 'content-type': 'image/jpeg' }, body: html }, 'not-an-image'],
    ['200 with nothing', { headers: { 'content-length': 0 } }, 'empty'],
    [
      '206 that is compressed',
      {
        status: 206,
        headers: { etag, 'content-range': `bytes ${half}-2999999/3000000`, 'content-encoding': 'gzip' },
        body: file.subarray(half),
      },
      'encoding',
    ],
  ];
  for (const [what, answer, code] of answers) {
    it(`${what}: ${code}, and nothing is left`, async () => {
      const { outcome, ranges, files } = await fetchScript([broken(half), () => answer]);
      assert.equal(outcome.error?.code, code, outcome.error?.message);
      assert.deepEqual(ranges, [null, onwards]);
      assert.deepEqual(files, []);
    });
  }

  it('--max-bytes holds for the whole', async () => {
    const script = [
      broken(half, { etag }),
      rest((at) => ({ etag, 'content-range': `bytes ${at}-2999999/3000000` })),
    ];
    const unsaid: Script = [
      () => ({ headers: { etag }, body: file.subarray(0, half), breaks: true }),
      script[1]!,
    ];
    const { outcome, ranges } = await fetchScript(unsaid, {}, { maxBytes: 2_000_000 });
    assert.equal(outcome.error?.code, 'too-large', outcome.error?.message);
    assert.deepEqual(ranges, [null, onwards]);
  });
});

it('the condition is the tag or the date of the first answer, and goes along with redirects', async () => {
  await using elsewhere = await testServer(play([rest()]));
  await using server = await testServer((request, response, turn) => {
    if (turn === 1) play([broken(half)])(request, response, turn);
    else response.writeHead(302, { location: `${elsewhere.url}/moved.jpg` }).end();
  });
  await using downloads = await testDownloads({ retries: 1 });
  const outcome = await downloads.downloader.download(workFor(`${server.url}/a.jpg`));
  assert.equal(outcome.status, 'saved', outcome.error?.message);
  for (const { headers } of [server.requests[1]!, elsewhere.requests[0]!]) {
    assert.deepEqual([headers.range, headers['if-range']], [onwards, etag]);
  }
});

it('a mirror is another address: its file is fetched from 0', async () => {
  await using server = await testServer(play([broken(half)]));
  await using mirror = await testServer(play([all(other)]));
  await using downloads = await testDownloads({ retries: 0 });
  const work = workFor(`${server.url}/a.jpg`, { mirrors: [`${mirror.url}/a.jpg`] });
  const outcome = await downloads.downloader.download(work);
  assert.equal(outcome.status, 'saved', outcome.error?.message);
  assert.equal(mirror.requests[0]!.headers.range, undefined);
  assert.ok(downloads.read('picture.jpg').equals(other));
  assert.deepEqual(downloads.files(), ['picture.jpg']);
});

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
