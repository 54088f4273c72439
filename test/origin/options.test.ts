import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { defaultOriginOptions, type OriginOptions, parseOriginOptions } from '../../src/origin/options.ts';
import { resolveOriginOptions } from '../../src/origin/resolve-options.ts';

test('without parameters everything is as by default', () => {
  for (const text of ['', '?', '//', '//?']) assert.deepEqual(parseOriginOptions(text), defaultOriginOptions);
});

test('every parameter is read, with its unit', () => {
  const options = parseOriginOptions(
    '?images=200&seed=7&bytes=370KB&kinds=png,jpeg&rtt=120ms&think=30-90ms&connection=1MB/s&link=50MB/s' +
      '&slowstart=off&knee=24&kneemode=slow&faults=5%25&port=8080&mix=80%25x20KB,20%25x10MB' +
      '&rate=200&burst=5&ratestatus=429&refused=20%25&retryafter=none&workers=16&maxconnections=32&served=12&hosts=200&spread=8' +
      '&change=500&changed.rtt=80ms&changed.knee=none&changed.kneemode=503',
  );
  assert.deepEqual(options, {
    images: 200,
    seed: 7,
    bytes: 370_000,
    mix: [
      { share: 0.8, bytes: 20_000 },
      { share: 0.2, bytes: 10_000_000 },
    ],
    kinds: ['png', 'jpeg'],
    rttMs: 120,
    thinkMs: [30, 90],
    connectionBytesPerSecond: 1_000_000,
    linkBytesPerSecond: 50_000_000,
    slowStart: false,
    knee: 24,
    kneeMode: 'slow',
    requestsPerSecond: 200,
    burst: 5,
    rateStatus: 429,
    refusedShare: 0.2,
    retryAfterSeconds: null,
    workers: 16,
    maxConnections: 32,
    servedConnections: 12,
    hosts: 200,
    hostSpread: 8,
    change: { afterRequests: 500 },
    changed: { rttMs: 80, knee: null, kneeMode: '503' },
    faultShare: 0.05,
    clientId: null,
    port: 8080,
    tls: null,
  });
});

test('think times are one duration or a range, limits can be switched off, a share is written in two ways', () => {
  assert.deepEqual(parseOriginOptions('?think=60ms').thinkMs, [60, 60]);
  assert.deepEqual(parseOriginOptions('?think=0.5s-1s').thinkMs, [500, 1000]);
  assert.deepEqual(parseOriginOptions('think=10ms-1s').thinkMs, [10, 1000]);
  assert.equal(parseOriginOptions('?connection=none').connectionBytesPerSecond, null);
  assert.equal(parseOriginOptions('?link=none').linkBytesPerSecond, null);
  assert.equal(parseOriginOptions('?faults=5%').faultShare, 0.05);
  assert.equal(parseOriginOptions('?faults=0.25').faultShare, 0.25);
});

const wrong: [query: string, ...says: RegExp[]][] = [
  ['?pictures=3', /no parameter 'pictures'/, /images, seed, bytes/],
  ['?constructor=3', /no parameter 'constructor'/],
  ['?images', /'images' is not NAME=VALUE/],
  ['?images=many', /images: 'many' must be a whole number from 0 to/],
  ['?images=-1', /images:/],
  ['?images=1&images=2', /images is given twice/],
  ['?rtt=40', /rtt: '40' is not a duration: write 500ms/],
  ['?rtt=3h', /rtt: '3h' is longer than 10m/],
  ['?think=90-30ms', /think: '90-30ms' ends before it begins: write 30-90ms/],
  ['?think=1-2-3ms', /think: .* is not a range/],
  ['?connection=fast', /connection: 'fast' is not a size/],
  ['?connection=0', /connection: '0' is not a rate/],
  ['?bytes=10', /bytes: '10' is not from 2000/],
  ['?kinds=jpeg,bmp', /kinds: 'bmp' is not one of jpeg, png/],
  ['?knee=0', /knee: '0' must be a whole number from 1/],
  ['?kneemode=stop', /kneemode: 'stop' is not one of 429, 503, slow, collapse/],
  ['?rate=0', /rate: '0' must be a whole number from 1/],
  ['?ratestatus=500', /ratestatus: '500' is not one of 429, 503/],
  ['?hosts=5000', /hosts: '5000' must be a whole number from 1 to 1000/],
  ['?spread=0.5', /spread: '0.5' is not a factor from 1 to 100/],
  ['?mix=20KB', /mix: '20KB' is not SHARExSIZE, as in 80%x20KB/],
  ['?mix=80%x20KB,10%x1MB', /mix: the shares of .* do not add up to 100%/],
  ['?mix=100%x2', /mix: '2' is not from 2000/],
  ['?change=soon', /change: 'soon' is not a duration/],
  ['?changed.seed=3', /no parameter 'changed.seed'; after changed. stands one of rtt, think/],
  ['?changed.rtt=4', /changed.rtt: '4' is not a duration/],
  ['?faults=120%', /faults: '120%' is not a share: write 5%/],
  ['?slowstart=yes', /slowstart: 'yes' is not one of on, off/],
  ['?port=70000', /port: '70000' must be a whole number from 0 to 65535/],
];

test('a rate that the origin would refuse is refused by its name', () => {
  assert.throws(() => parseOriginOptions('?link=99999999999999999999'), /demo: link: .*more than 1TB/);
});

for (const [query, ...says] of wrong) {
  test(`${query} is refused with what is wrong and what would be right`, () => {
    assert.throws(
      () => parseOriginOptions(query),
      (error) => {
        assert.ok(error instanceof UsageError);
        for (const text of says) assert.match(error.message, text);
        return true;
      },
    );
  });
}

test('options as data get their defaults, and what the text form gives is taken as it is', () => {
  assert.deepEqual(resolveOriginOptions({}), defaultOriginOptions);
  assert.deepEqual(resolveOriginOptions({ images: 3, knee: null }), { ...defaultOriginOptions, images: 3 });
  const parsed = parseOriginOptions('?think=0.5s-1s&link=none&knee=24&faults=5%');
  assert.deepEqual(resolveOriginOptions(parsed), parsed);
});

for (const [given, says] of [
  [{ pictures: 3 }, /no option 'pictures'/],
  [{ images: -1 }, /images must be a whole number/],
  [{ images: 1.5 }, /images must be/],
  [{ bytes: Number.NaN }, /bytes must be/],
  [{ kinds: [] }, /kinds must be a list of jpeg/],
  [{ thinkMs: [90, 30] }, /thinkMs must be two numbers/],
  [{ thinkMs: 30 }, /thinkMs must be two numbers/],
  [{ linkBytesPerSecond: 0 }, /linkBytesPerSecond must be .*or null/],
  [{ mix: [{ share: 0.5, bytes: 20_000 }] }, /mix must be shares that add up to 1/],
  [{ mix: [null] }, /mix must be/],
  [{ rateStatus: 500 }, /rateStatus must be 429 or 503/],
  [{ requestsPerSecond: 0 }, /requestsPerSecond must be/],
  [{ hosts: 0 }, /hosts must be a whole number from 1/],
  [{ change: 5 }, /change must be \{ afterRequests \} or/],
  [{ change: { afterRequests: 5, afterMs: 5 } }, /change must be/],
  [{ changed: { seed: 3 } }, /changed must have good values of rttMs/],
  [{ changed: { rttMs: -3 } }, /changed must have good values/],
  [{ changed: { rttMs: 3 } }, /change does not say when/],
  [{ kneeMode: 429 }, /kneeMode must be '429'/],
  [{ faultShare: 5 }, /faultShare must be a number from 0 to 1/],
  [{ clientId: '' }, /clientId must be/],
] as [object, RegExp][]) {
  test(`${JSON.stringify(given)} is refused as data, too`, () => {
    assert.throws(
      () => resolveOriginOptions(given as Partial<OriginOptions>),
      (error) => error instanceof UsageError && says.test(error.message),
    );
  });
}
