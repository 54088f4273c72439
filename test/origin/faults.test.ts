import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { contentFaults } from '../../src/origin/faults/content-faults.ts';
import { framingFaults } from '../../src/origin/faults/framing-faults.ts';
import { statusFaults } from '../../src/origin/faults/status-faults.ts';
import { instantNetwork } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import { makeSamples, type Samples } from '../../src/origin/samples.ts';
import { all, ended, type FaultCase, isBody, runFaultCases, says, status } from './fault-checks.ts';
import { type RawAnswer, rawGet, wholeAnswer } from './raw-client.ts';

let origin: Origin;
let samples: Samples;
before(async () => {
  samples = await makeSamples();
  origin = await startOrigin({ ...instantNetwork, images: 1, bytes: 4000 });
});
after(() => origin.close());

const isJpeg = isBody(() => samples.jpeg);
const isHalf = isBody(() => samples.jpeg.subarray(0, half()));
const half = () => samples.jpeg.length >> 1;
const promisesAll = ({ head }: RawAnswer) =>
  assert.match(head, new RegExp(`Content-Length: ${samples.jpeg.length}`));

const cases: Record<string, FaultCase> = {
  status: { path: 'status/451/x.jpg', until: 'whole', checks: [status(451)] },
  'status-then-ok': {
    path: 'status-then-ok/503/2/x.jpg',
    until: 'whole',
    checks: [status(503), status(503), status(200, isJpeg), status(200, isJpeg)],
  },
  'retry-after': {
    path: 'retry-after/7/1/x.jpg',
    until: 'whole',
    checks: [status(429, says(/Retry-After: 7/)), status(200, isJpeg)],
  },
  'retry-after-date': {
    path: 'retry-after-date/86400/1/x.jpg',
    until: 'whole',
    checks: [
      status(503, ({ head }) => {
        const date = Date.parse(/Retry-After: (.*)/.exec(head)![1]!);
        assert.ok(Math.abs(date - Date.now() - 86_400_000) < 60_000);
      }),
      status(200, isJpeg),
    ],
  },
  'retry-after-rubbish': {
    path: 'retry-after-rubbish',
    until: 'whole',
    checks: [status(503, says(/Retry-After: soon, maybe/)), status(200)],
  },
  redirect: {
    path: 'redirect/3/x.jpg',
    until: 'whole',
    checks: [status(302, says(/Location: \/fault\/redirect\/2\//))],
  },
  'redirect-loop': {
    path: 'redirect-loop/x.jpg',
    until: 'whole',
    checks: [status(301, says(/Location: http:\/\/127.0.0.1:\d+\/fault\/redirect-loop\/x.jpg/))],
  },
  'redirect-grow': {
    path: 'redirect-grow/400/x.jpg',
    until: 'whole',
    checks: [
      status(302, all(says(/Location: \/fault\/redirect-grow\/800\/x{800}\.jpg/), says(/Set-Cookie/))),
    ],
  },
  'redirect-scheme': {
    path: 'redirect-scheme/file/x.jpg',
    until: 'whole',
    checks: [status(302, says(/Location: file:\/\/\//))],
  },
  'redirect-to': {
    path: `redirect-to/x.jpg?url=${encodeURIComponent('http://169.254.169.254/latest')}&status=307`,
    until: 'whole',
    checks: [status(307, says(/Location: http:\/\/169\.254\.169\.254\/latest/))],
  },
  'redirect-without-location': {
    path: 'redirect-without-location',
    until: 'whole',
    checks: [status(302, ({ head }) => assert.doesNotMatch(head, /location/i))],
  },
  'redirect-rubbish': {
    path: 'redirect-rubbish',
    until: 'whole',
    checks: [status(302, says(/Location: http:\/\/\[/))],
  },
  removed: { path: 'removed/x.jpg', until: 'whole', checks: [status(302, says(/Location: \/removed.png/))] },

  short: { path: 'short/x.jpg', checks: [ended('end', all(promisesAll, isHalf))] },
  cut: { path: 'cut/x.jpg', checks: [ended('end', all(promisesAll, isHalf))] },
  reset: { path: 'reset/x.jpg', checks: [ended('reset', all(promisesAll, isHalf))] },
  'close-before-headers': {
    path: 'close-before-headers',
    checks: [ended('end', ({ bytes }) => assert.equal(bytes.length, 0))],
  },
  'reset-before-headers': {
    path: 'reset-before-headers',
    checks: [ended('reset', ({ bytes }) => assert.equal(bytes.length, 0))],
  },
  'headers-cut': {
    path: 'headers-cut',
    checks: [ended('end', ({ head }) => assert.match(head, /image\/jp$/))],
  },
  'headers-then-end': {
    path: 'headers-then-end',
    checks: [
      ended(
        'end',
        all(promisesAll, ({ body }) => assert.equal(body.length, 0)),
      ),
    ],
  },
  'continue-then-end': { path: 'continue-then-end', checks: [ended('end', status(100))] },
  'early-hints': {
    path: 'early-hints',
    until: (bytes) => bytes.includes(samples.jpeg),
    checks: [
      status(103, ({ bytes }) =>
        assert.ok(bytes.includes('HTTP/1.1 200 OK') && bytes.includes(samples.jpeg)),
      ),
    ],
  },
  trickle: {
    path: 'trickle/50/x.jpg',
    until: 100,
    checks: [ended('left', ({ body }) => assert.ok(body.length > 0 && body.length % 50 === 0))],
  },
  slow: { path: 'slow/150/x.jpg', until: 'whole', checks: [status(200, isJpeg)] },
  'not-http': { path: 'not-http', checks: [ended('end', ({ bytes }) => assert.equal(bytes[0], 0x16))] },
  'bad-status-line': { path: 'bad-status-line', checks: [ended('end', says(/HTTP\/1.1 2OO/))] },
  'nul-header': {
    path: 'nul-header',
    checks: [ended('end', ({ head }) => assert.ok(head.includes('a\0b')))],
  },
  'lone-cr': {
    path: 'lone-cr',
    checks: [ended('end', ({ head }) => assert.ok(head.includes('a\rSet-Cookie')))],
  },
  'big-headers': {
    path: 'big-headers/200000',
    checks: [ended('end', ({ bytes }) => assert.ok(bytes.length > 200_000))],
  },
  'many-headers': {
    path: 'many-headers/3000',
    checks: [
      ended(
        'end',
        all(({ head }) => assert.equal(head.split('\r\n').length, 3002), isJpeg),
      ),
    ],
  },
  'bad-length': { path: 'bad-length/negative', checks: [ended('end', says(/Content-Length: -1/))] },
  'two-lengths': {
    path: 'two-lengths',
    checks: [ended('end', ({ head }) => assert.equal(head.match(/content-length/gi)?.length, 2))],
  },
  'length-and-chunked': {
    path: 'length-and-chunked',
    checks: [ended('end', all(says(/Content-Length: 10/), says(/Transfer-Encoding: chunked/)))],
  },
  chunked: {
    path: 'chunked/x.jpg',
    headers: { Connection: 'close' },
    checks: [
      ended(
        'end',
        all(says(/Transfer-Encoding: chunked/i), ({ body }) =>
          assert.match(body.subarray(-7).toString('latin1'), /\r\n0\r\n\r\n$/),
        ),
      ),
    ],
  },
  'chunked-without-end': {
    path: 'chunked-without-end',
    checks: [
      ended('end', ({ body }) =>
        assert.ok(body.includes(samples.jpeg) && !body.subarray(-7).includes('\r\n0\r\n')),
      ),
    ],
  },
  'bad-chunk': {
    path: 'bad-chunk',
    checks: [ended('end', ({ body }) => assert.ok(body.includes('\r\nzz\r\n')))],
  },
  'chunk-overflow': {
    path: 'chunk-overflow',
    checks: [ended('end', ({ body }) => assert.match(body.subarray(0, 20).toString(), /^f{18}\r\n$/))],
  },
  'chunk-mismatch': {
    path: 'chunk-mismatch',
    checks: [ended('end', ({ body }) => assert.equal(body.subarray(0, 4).toString(), '10\r\n'))],
  },
  'no-length': {
    path: 'no-length/x.jpg',
    checks: [
      ended(
        'end',
        all(isJpeg, ({ head }) => assert.doesNotMatch(head, /content-length/i)),
      ),
    ],
  },
  'no-length-unclean': {
    path: 'no-length-unclean/x.jpg',
    checks: [
      ended(
        'end',
        all(isJpeg, ({ head }) => assert.doesNotMatch(head, /content-length/i)),
      ),
    ],
  },
  'no-length-cut-unclean': { path: 'no-length-cut-unclean/x.jpg', checks: [ended('end', isHalf)] },
  'no-length-cut': { path: 'no-length-cut/x.jpg', checks: [ended('end', isHalf)] },
  endless: { path: 'endless', until: 3_000_000, checks: [ended('left')] },
  'endless-chunked': { path: 'endless-chunked', until: 3_000_000, checks: [ended('left', says(/chunked/))] },
  huge: {
    path: 'huge/5000000000',
    until: 3_000_000,
    checks: [ended('left', says(/Content-Length: 5000000000/))],
  },
  long: {
    path: 'long/x.jpg',
    checks: [
      ended(
        'end',
        all(promisesAll, ({ body }) => assert.ok(body.length > samples.jpeg.length)),
      ),
    ],
  },

  ok: { path: 'ok/x.jpg', until: 'whole', checks: [status(200, isJpeg)] },
  png: {
    path: 'png/x.png',
    until: 'whole',
    checks: [
      status(
        200,
        isBody(() => samples.png),
      ),
    ],
  },
  gif: {
    path: 'gif/x.gif',
    until: 'whole',
    checks: [
      status(
        200,
        isBody(() => samples.gif),
      ),
    ],
  },
  webp: {
    path: 'webp/x.webp',
    until: 'whole',
    checks: [
      status(
        200,
        isBody(() => samples.webp),
      ),
    ],
  },
  html: { path: 'html/x.jpg', until: 'whole', checks: [status(200, says(/text\/html/))] },
  'html-as-jpeg': {
    path: 'html-as-jpeg/x.jpg',
    until: 'whole',
    checks: [
      status(
        200,
        all(says(/image\/jpeg/), ({ body }) => assert.match(body.toString(), /^<!doctype html/)),
      ),
    ],
  },
  json: { path: 'json/x.jpg', until: 'whole', checks: [status(200, says(/application\/json/))] },
  text: { path: 'text/x.jpg', until: 'whole', checks: [status(200, says(/text\/plain/))] },
  svg: { path: 'svg/x.jpg', until: 'whole', checks: [status(200, says(/image\/svg/))] },
  executable: {
    path: 'executable/x.jpg',
    until: 'whole',
    checks: [status(200, ({ body }) => assert.equal(body.toString('latin1', 1, 4), 'ELF'))],
  },
  empty: {
    path: 'empty/x.jpg',
    until: 'whole',
    checks: [
      status(
        200,
        all(says(/Content-Length: 0/), ({ body }) => assert.equal(body.length, 0)),
      ),
    ],
  },
  truncated: {
    path: 'truncated/x.jpg',
    until: 'whole',
    checks: [status(200, ({ body }) => assert.ok(body.equals(samples.jpeg.subarray(0, -2000))))],
  },
  corrupt: {
    path: 'corrupt/x.jpg',
    until: 'whole',
    checks: [
      status(200, ({ body }) => {
        assert.equal(body.length, samples.jpeg.length);
        assert.ok(body.subarray(-2).equals(Buffer.from([0xff, 0xd9])) && !body.equals(samples.jpeg));
      }),
    ],
  },
  'huge-pixels': {
    path: 'huge-pixels/30000/x.png',
    until: 'whole',
    checks: [
      status(200, ({ body }) =>
        assert.deepEqual([body.readUInt32BE(16), body.readUInt32BE(20)], [30_000, 30_000]),
      ),
    ],
  },
  'wrong-extension': {
    path: 'wrong-extension/x.jpg',
    until: 'whole',
    checks: [
      status(
        200,
        all(
          says(/image\/jpeg/),
          isBody(() => samples.png),
        ),
      ),
    ],
  },
  'wrong-type': {
    path: 'wrong-type/x.jpg',
    until: 'whole',
    checks: [status(200, all(says(/text\/html/), isJpeg))],
  },
  placeholder: {
    path: 'placeholder/x.jpg',
    until: 'whole',
    checks: [
      status(
        200,
        isBody(() => samples.removed),
      ),
    ],
  },
  disposition: {
    path: 'disposition/x.jpg',
    until: 'whole',
    checks: [status(200, says(/Content-Disposition: attachment; filename="\.\.\/\.\.\/evil\.desktop"/))],
  },
  gzip: {
    path: 'gzip/x.jpg',
    until: 'whole',
    checks: [status(200, ({ body }) => assert.ok(gunzipSync(body).equals(samples.jpeg)))],
  },
  deflate: {
    path: 'deflate/x.jpg',
    until: 'whole',
    checks: [status(200, ({ body }) => assert.ok(inflateSync(body).equals(samples.jpeg)))],
  },
  br: {
    path: 'br/x.jpg',
    until: 'whole',
    checks: [status(200, ({ body }) => assert.ok(brotliDecompressSync(body).equals(samples.jpeg)))],
  },
  'gzip-broken': {
    path: 'gzip-broken/x.jpg',
    until: 'whole',
    checks: [status(200, ({ body }) => assert.throws(() => gunzipSync(body)))],
  },
  'gzip-not': {
    path: 'gzip-not/x.jpg',
    until: 'whole',
    checks: [status(200, all(says(/Content-Encoding: gzip/), isJpeg))],
  },
  'gzip-bomb': {
    path: 'gzip-bomb/x.jpg',
    until: 'whole',
    checks: [
      status(200, ({ body }) =>
        assert.ok(body.length < 100_000 && gunzipSync(body).length === 64 * 1024 * 1024),
      ),
    ],
  },
  large: {
    path: 'large/3000000/x.jpg',
    until: 'whole',
    checks: [
      status(200, all(says(/Content-Length: 3000000/), says(/ETag: "/), says(/Accept-Ranges: bytes/))),
    ],
  },
  'echo-headers': {
    path: 'echo-headers',
    headers: { 'X-Mine': 'yes' },
    until: 'whole',
    checks: [status(200, ({ body }) => assert.equal(JSON.parse(body.toString())['x-mine'], 'yes'))],
  },
};

runFaultCases(cases, () => origin);

test('stalling answers send what they say and then nothing, until the client goes', async () => {
  const silent = rawGet(`${origin.url}/fault/stall-headers`);
  const stalled = await rawGet(`${origin.url}/fault/stall-body`, {
    enough: (bytes) => bytes.length >= bytes.indexOf('\r\n\r\n') + 4 + half(),
  });
  isHalf(stalled);
  assert.match(stalled.head, /Content-Length: 24000/);
  // Everything else was answered meanwhile; this one was not.
  await rawGet(`${origin.url}/fault/ok/x.jpg`, { enough: wholeAnswer });
  assert.equal(await Promise.race([silent, 'still silent']), 'still silent');
});

test('every fault that there is has a test', () => {
  const tested = [...Object.keys(cases), 'stall-headers', 'stall-body'];
  const faults = { ...statusFaults, ...framingFaults, ...contentFaults };
  assert.deepEqual(Object.keys(faults).sort(), tested.sort());
});

test('N hops lead to the picture', async () => {
  const answer = await fetch(`${origin.url}/fault/redirect/5/x.jpg`);
  assert.ok(answer.redirected);
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(samples.jpeg));
});

test('a large picture is whole, decodes, and any range of it agrees with the whole', async () => {
  const url = `${origin.url}/fault/large/3000000/x.jpg`;
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  assert.equal(whole.length, 3_000_000);
  assert.equal((await sharp(whole, { failOn: 'warning' }).metadata()).width, samples.width);
  const part = await fetch(url, { headers: { Range: 'bytes=1000000-2499999' } });
  assert.equal(part.status, 206);
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(1_000_000, 2_500_000)));
});

test('the sample is a picture of two pictures of the same length', async () => {
  assert.equal(samples.jpeg.length, samples.otherJpeg.length);
  assert.ok(!samples.jpeg.equals(samples.otherJpeg));
  for (const bytes of [samples.jpeg, samples.otherJpeg, samples.png, samples.gif, samples.webp]) {
    await sharp(bytes, { failOn: 'warning' }).stats();
  }
});

test('a fault that there is not answers 404 with those that there are; a bad argument 400', async () => {
  const unknown = await fetch(`${origin.url}/fault/constructor/x.jpg`);
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /status-then-ok/);
  for (const path of [
    'status/many',
    'status/99',
    'redirect/-1',
    'bad-length/odd',
    'redirect-scheme/gopher',
  ]) {
    assert.equal((await fetch(`${origin.url}/fault/${path}/x.jpg`)).status, 400, path);
  }
  assert.equal(
    (await fetch(`${origin.url}/fault/redirect-to?url=%0d%0aX:1`, { redirect: 'manual' })).status,
    400,
  );
});
