import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { resumeFaults } from '../../src/origin/faults/resume-faults.ts';
import { instantNetwork } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import { makeSamples, type Samples } from '../../src/origin/samples.ts';
import type { OriginStats } from '../../src/origin/stats.ts';
import {
  all,
  type Check,
  ended,
  type FaultCase,
  isBody,
  runFaultCases,
  says,
  status,
} from './fault-checks.ts';
import { rawGet, wholeAnswer } from './raw-client.ts';

let origin: Origin;
let samples: Samples;
before(async () => {
  samples = await makeSamples();
  origin = await startOrigin({ ...instantNetwork, images: 1, bytes: 4000 });
});
after(() => origin.close());

const isJpeg = isBody(() => samples.jpeg);
const isHalf = isBody(() => samples.jpeg.subarray(0, 12_000));
const isRest = isBody(() => samples.jpeg.subarray(12_000));
const headers = { Range: 'bytes=12000-', 'If-Range': '"sample-1"' };
const half = all(isHalf, says(/ETag: "sample-1"/), says(/\r\nDate: /));
const isBrokenOff = ended('end', half);
const rightRange = says(/Content-Range: bytes 12000-23999\/24000/);
const lacks =
  (pattern: RegExp): Check =>
  ({ head }) =>
    assert.doesNotMatch(head, pattern);

/** The first answer breaks off, the second is for a request that wants to go on from the middle. */
const afterBreak = (path: string, ...checks: Check[]): FaultCase => ({
  path: `${path}/x.jpg`,
  headers,
  until: 'whole',
  checks: [isBrokenOff, ...checks],
});

const cases: Record<string, FaultCase> = {
  'reset-then-ok': {
    path: 'reset-then-ok/1/x.jpg',
    headers,
    until: 'whole',
    checks: [ended('reset', half), status(206, all(rightRange, isRest))],
  },
  'short-then-ok': {
    path: 'short-then-ok/1/x.jpg',
    until: 'whole',
    checks: [ended('end', isHalf), status(200, isJpeg)],
  },
  'resume-cut-again': {
    path: 'resume-cut-again/2/x.jpg',
    headers,
    until: 'whole',
    checks: [
      isBrokenOff,
      ...[1, 2].map(() =>
        ended(
          'end',
          status(
            206,
            all(
              rightRange,
              isBody(() => samples.jpeg.subarray(12_000, 18_000)),
            ),
          ),
        ),
      ),
      status(206, all(rightRange, isRest)),
    ],
  },
  'resume-ignored': afterBreak('resume-ignored', status(200, isJpeg)),
  'resume-wrong-range': afterBreak(
    'resume-wrong-range',
    status(
      206,
      all(
        says(/Content-Range: bytes 100-23999\/24000/),
        isBody(() => samples.jpeg.subarray(100)),
      ),
    ),
  ),
  'resume-less': afterBreak(
    'resume-less',
    status(
      206,
      all(
        says(/bytes 12000-23899\/24000/),
        isBody(() => samples.jpeg.subarray(12_000, -100)),
      ),
    ),
  ),
  'resume-wrong-total': afterBreak('resume-wrong-total', status(206, says(/bytes 12000-23999\/25000/))),
  'resume-unknown-total': afterBreak('resume-unknown-total', status(206, says(/bytes 12000-23999\/\*/))),
  'resume-wrong-length': afterBreak(
    'resume-wrong-length',
    status(
      206,
      all(
        rightRange,
        says(/Content-Length: 11900/),
        isBody(() => samples.jpeg.subarray(12_000, -100)),
      ),
    ),
  ),
  'resume-no-content-range': afterBreak(
    'resume-no-content-range',
    status(206, all(lacks(/content-range/i), isRest)),
  ),
  'resume-multipart': afterBreak(
    'resume-multipart',
    status(
      206,
      all(says(/multipart\/byteranges; boundary=part/), lacks(/content-range/i), ({ body }) => {
        assert.match(
          body.toString('latin1', 0, 200),
          /^--part\r\n.*\r\nContent-Range: bytes 12000-23999\/24000/,
        );
        assert.ok(body.includes(samples.jpeg.subarray(12_000)));
      }),
    ),
  ),
  'resume-gzip': afterBreak(
    'resume-gzip',
    status(
      206,
      all(rightRange, says(/Content-Encoding: gzip/), ({ body }) =>
        assert.ok(gunzipSync(body).equals(samples.jpeg.subarray(12_000))),
      ),
    ),
  ),
  'resume-other-etag': afterBreak(
    'resume-other-etag',
    status(
      206,
      all(
        rightRange,
        says(/ETag: "sample-2"/),
        isBody(() => samples.otherJpeg.subarray(12_000)),
      ),
    ),
  ),
  'resume-416': afterBreak('resume-416', status(416, says(/Content-Range: bytes \*\/24000/))),
  'whole-then-416': {
    path: 'whole-then-416/same/x.jpg',
    headers: { Range: 'bytes=24000-', 'If-Range': '"sample-1"' },
    until: (bytes) => bytes.includes('HTTP/1.1 416') && bytes.includes('\r\n\r\n'),
    checks: [
      ended(
        'end',
        all(says(/Transfer-Encoding: chunked/), ({ body }) =>
          assert.ok(body.includes(samples.jpeg) && !body.includes('\r\n0\r\n')),
        ),
      ),
      status(416, all(says(/Content-Range: bytes \*\/24000/), says(/ETag: "sample-1"/))),
    ],
  },
  'resume-shrunk': {
    path: 'resume-shrunk/x.jpg',
    headers: { Range: 'bytes=25000-', 'If-Range': '"sample-2"' },
    until: (bytes) => bytes.includes('HTTP/1.1 416') && bytes.includes('\r\n\r\n'),
    checks: [
      ended(
        'end',
        all(says(/Content-Length: 48000/), ({ body }) => assert.equal(body.length, 25_000)),
      ),
      status(416, says(/Content-Range: bytes \*\/24000/)),
    ],
  },
  'resume-status': afterBreak('resume-status/503/1', status(503), status(206, isRest)),
  'resume-404': afterBreak('resume-404', status(404)),
  'resume-403': afterBreak('resume-403', status(403)),
  'resume-html': afterBreak('resume-html', status(200, says(/text\/html/))),
  'resume-redirected': afterBreak(
    'resume-redirected',
    status(302, says(/Location: http:\/\/localhost:\d+\/fault\/ok\/picture\.jpg/)),
  ),
  'resume-changed': afterBreak(
    'resume-changed',
    status(
      200,
      all(
        says(/ETag: "sample-2"/),
        isBody(() => samples.otherJpeg),
      ),
    ),
  ),
};

runFaultCases(cases, () => origin);

test('every fault of resuming that there is has a test', () => {
  assert.deepEqual(Object.keys(resumeFaults).sort(), Object.keys(cases).sort());
});

let turn = 0;
/** Two requests for a path of its own; the second's answer. */
async function second(fault: string, query: string, headers: Record<string, string>) {
  turn += 1;
  const url = `${origin.url}/fault/${fault}/t${turn}.jpg?${query}`;
  await rawGet(url, { enough: wholeAnswer });
  return rawGet(url, { headers, enough: (bytes) => bytes.includes('\r\n\r\n') });
}

describe('416 says what its kind says', () => {
  const kinds: [kind: string, ...checks: Check[]][] = [
    ['same', says(/\*\/24000/), says(/ETag: "sample-1"/)],
    ['changed', says(/\*\/24000/), says(/ETag: "sample-2"/)],
    ['bare', says(/\*\/24000/), lacks(/etag|last-modified/i)],
    ['other-size', says(/\*\/25000/), says(/ETag: "sample-1"/)],
  ];
  for (const [kind, ...checks] of kinds) {
    for (const [fault, at] of [
      ['resume-416', 12_000],
      ['whole-then-416', 24_000],
    ] as const) {
      test(`${fault}/${kind}`, async () => {
        status(416, all(...checks))(await second(`${fault}/${kind}`, '', { Range: `bytes=${at}-` }));
      });
    }
  }
});

describe('validator= chooses what the answers carry and what an If-Range is held against', () => {
  const date = 'Tue, 13 May 2014 16:53:20 GMT';
  const kinds: [kind: string, condition: string, resumes: boolean, ...checks: Check[]][] = [
    ['both', '"sample-1"', true, says(/ETag: "sample-1"/), says(new RegExp(`Last-Modified: ${date}`))],
    ['both', date, true],
    ['etag', '"sample-1"', true, says(/ETag: "sample-1"/), lacks(/last-modified/i)],
    ['etag', date, false],
    ['weak', 'W/"sample-1"', false, says(/ETag: W\/"sample-1"/), lacks(/last-modified/i)],
    ['modified', date, true, says(new RegExp(`Last-Modified: ${date}`)), lacks(/etag/i)],
    ['fresh', date, true, says(new RegExp(`\r\nDate: ${date}`)), lacks(/etag/i)],
    ['none', '"sample-1"', false, lacks(/etag|last-modified/i)],
  ];
  for (const [kind, condition, resumes, ...checks] of kinds) {
    test(`${kind}, If-Range: ${condition}`, async () => {
      const headers = { Range: 'bytes=12000-', 'If-Range': condition };
      const answer = await second('reset-then-ok/1', `validator=${kind}`, headers);
      status(resumes ? 206 : 200, all(...checks))(answer);
    });
  }
});

test('bytes= makes valid pictures of exactly that length, the same each time and unlike each other', async () => {
  const get = async (fault: string, bytes: number) =>
    Buffer.from(await (await fetch(`${origin.url}/fault/${fault}/x.jpg?bytes=${bytes}`)).arrayBuffer());
  for (const bytes of [24_000, 24_004, 24_000 + 65_537, 24_000 + 65_540, 3_000_000]) {
    const picture = await get('ok', bytes);
    assert.equal(picture.length, bytes);
    const { data, info } = await sharp(picture, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [samples.width, samples.height]);
    assert.ok(data.equals(await sharp(samples.jpeg).raw().toBuffer()));
    assert.ok(picture.equals(await get('ok', bytes)));
  }
  const url = `${origin.url}/fault/resume-changed/y.jpg?bytes=3000000`;
  await assert.rejects(fetch(url).then((answer) => answer.arrayBuffer()));
  const other = Buffer.from(await (await fetch(url)).arrayBuffer());
  const picture = await get('ok', 3_000_000);
  assert.equal(other.length, picture.length);
  await sharp(other, { failOn: 'warning' }).stats();
  // No stretch of one is found in the other: whatever is mixed shows.
  for (let at = 100; at < 2_900_000; at += 9973) {
    assert.ok(!other.subarray(at, at + 64).equals(picture.subarray(at, at + 64)), `${at}`);
  }
});

test('at= says where an answer breaks off', async () => {
  for (const [fault, ending] of [
    ['short', 'end'],
    ['short-then-ok/1', 'end'],
    ['reset', 'reset'],
  ] as const) {
    const answer = await rawGet(`${origin.url}/fault/${fault}/at.jpg?bytes=100000&at=70001`);
    assert.deepEqual([answer.body.length, answer.ending], [70_001, ending], fault);
    says(/Content-Length: 100000\b/)(answer);
  }
});

test('a length that no sample has, a break past its end and an unknown validator are bad requests', async () => {
  for (const query of [
    'bytes=23999',
    'bytes=24003',
    'bytes=9e9',
    'bytes=999999999',
    'at=24001',
    'validator=x',
  ]) {
    assert.equal((await fetch(`${origin.url}/fault/ok/x.jpg?${query}`)).status, 400, query);
  }
});

test('statistics tell the ranges that were asked for, by path', async () => {
  const get = (path: string, headers: Record<string, string>) =>
    rawGet(`${origin.url}${path}`, { headers, enough: wholeAnswer });
  await get('/fault/ok/ranged.jpg', {});
  await get('/fault/ok/ranged.jpg?x', { Range: 'bytes=5-' });
  await get('/fault/ok/ranged.jpg', { Range: 'bytes=7-9', 'If-Range': '"sample-1"' });
  const { ranges, paths } = (await (await fetch(`${origin.url}/stats`)).json()) as OriginStats;
  assert.equal(paths['/fault/ok/ranged.jpg'], 3);
  assert.deepEqual(ranges['/fault/ok/ranged.jpg'], [
    { range: 'bytes=5-', ifRange: null },
    { range: 'bytes=7-9', ifRange: '"sample-1"' },
  ]);
  assert.equal(ranges['/fault/ok/other.jpg'], undefined);
});
