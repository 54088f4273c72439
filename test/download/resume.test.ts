import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Expectation } from '../../src/core/item.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import {
  type Answer,
  all,
  broken,
  etag,
  file,
  from,
  half,
  onwards,
  other,
  play,
  refused,
  rest,
  type Script,
} from '../support/broken-off.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { withoutBackOff } from '../support/no-back-off.ts';
import { testServer } from '../support/raw-server.ts';
import { jpegOf } from '../support/tiny-pictures.ts';

withoutBackOff();

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
    what: '206 of another file, and no validator says so: from 0',
    script: [broken(half), rest(() => ({}), other), all(other)],
    ranges: [null, onwards, null],
    whole: other,
  },
  {
    what: '206 with a date where a tag was the validator: from 0',
    script: [broken(half), rest(() => ({ 'last-modified': before2000 }), other), all(other)],
    ranges: [null, onwards, null],
    whole: other,
  },
  {
    what: '206 without the date that was the validator: from 0',
    script: [broken(half, { 'last-modified': before2000, date }), rest(() => ({}), other), all(other)],
    ranges: [null, onwards, null],
    whole: other,
  },
  {
    what: '206 without a validator, of what a promised digest proves: added',
    script: [broken(half), rest(() => ({}))],
    ranges: [null, onwards],
    expect: { sha256: sha256(file) },
  },
  {
    what: '206 in chunks with more than its range: from 0',
    script: [
      broken(half),
      (request) => ({
        status: 206,
        headers: { etag, 'content-range': `bytes ${from(request)}-2999999/3000000` },
        body: Buffer.concat([file.subarray(from(request)), Buffer.alloc(5_000_000)]),
      }),
      all(),
    ],
    ranges: [null, onwards, null],
  },
  {
    what: 'a tag that is too long to be sent back: from 0',
    script: [broken(half, { etag: `"${'x'.repeat(5000)}"` }), all()],
    ranges: [null, null],
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
    what: '416 of the size that is there, though more was announced: from 0',
    script: [broken(half), refused({ etag, 'content-range': `bytes */${half}` }), all()],
    ranges: [null, onwards, null],
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

it('that the rest could not be had costs no try: the whole is asked for at once', async () => {
  const unfit = rest(() => ({ etag: '"v2"' }), other);
  const { outcome, ranges } = await fetchScript([broken(half), unfit, all()], {}, { retries: 1 });
  assert.equal(outcome.status, 'saved', outcome.error?.message);
  assert.deepEqual([ranges, outcome.attempts], [[null, onwards, null], 3]);
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
