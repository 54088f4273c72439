import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { instantNetwork } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import type { OriginStats } from '../../src/origin/stats.ts';
import { rawGet, wholeAnswer } from './raw-client.ts';

const small = { ...instantNetwork, images: 12, bytes: 6000, kinds: ['jpeg' as const] };
let origin: Origin;
before(async () => {
  origin = await startOrigin(small);
});
after(() => origin.close());

const statsOf = async ({ url }: Origin) => (await (await fetch(`${url}/stats`)).json()) as OriginStats;

async function linksOf({ url, albumId }: Origin): Promise<string[]> {
  const answer = await fetch(`${url}/3/album/${albumId}/images`, {
    headers: { Authorization: 'Client-ID x' },
  });
  return ((await answer.json()) as { data: { link: string }[] }).data.map(({ link }) => link);
}

test('a picture comes with validators, and what has not changed is not sent again', async () => {
  const [link] = await linksOf(origin);
  const answer = await fetch(link!);
  const etag = answer.headers.get('etag')!;
  assert.match(etag, /^"[^"]+"$/);
  assert.ok(Date.parse(answer.headers.get('last-modified')!) > 0);
  assert.equal(answer.headers.get('accept-ranges'), 'bytes');
  assert.equal(Number(answer.headers.get('content-length')), (await answer.arrayBuffer()).byteLength);
  assert.equal((await fetch(link!, { headers: { 'If-None-Match': etag } })).status, 304);
  const head = await fetch(link!, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), answer.headers.get('content-length'));
});

test('ranges are served as RFC 9110 says', async () => {
  const [link] = await linksOf(origin);
  const first = await fetch(link!);
  const whole = Buffer.from(await first.arrayBuffer());
  const [etag, modified] = [first.headers.get('etag')!, first.headers.get('last-modified')!];
  const n = whole.length;
  const cases: [headers: Record<string, string>, status: number, start: number, end: number][] = [
    [{ Range: 'bytes=0-99' }, 206, 0, 100],
    [{ Range: 'bytes=100-' }, 206, 100, n],
    [{ Range: 'bytes=-100' }, 206, n - 100, n],
    [{ Range: `bytes=-${n + 5}` }, 206, 0, n],
    [{ Range: `bytes=100-${n + 50}` }, 206, 100, n],
    [{ Range: 'bytes=100-', 'If-Range': etag }, 206, 100, n],
    [{ Range: 'bytes=100-', 'If-Range': modified }, 206, 100, n],
    [{ Range: 'bytes=100-', 'If-Range': '"other"' }, 200, 0, n],
    [{ Range: 'bytes=9-5' }, 200, 0, n],
    [{ Range: 'bytes=1-2,5-9' }, 200, 0, n],
    [{ Range: 'lines=1-2' }, 200, 0, n],
    [{ Range: `bytes=${n}-` }, 416, 0, 0],
  ];
  for (const [headers, status, start, end] of cases) {
    const answer = await fetch(link!, { headers });
    const name = JSON.stringify(headers);
    assert.equal(answer.status, status, name);
    if (status === 206)
      assert.equal(answer.headers.get('content-range'), `bytes ${start}-${end - 1}/${n}`, name);
    if (status === 416) assert.equal(answer.headers.get('content-range'), `bytes */${n}`);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(whole.subarray(start, end)), name);
  }
});

test('an image that is gone leads to the removed picture', async () => {
  const answer = await fetch(`${origin.url}/gone123.jpg`, { redirect: 'manual' });
  assert.deepEqual([answer.status, answer.headers.get('location')], [302, '/removed.png']);
});

test('a foreign Referer is refused, none and its own are not', async () => {
  const [link] = await linksOf(origin);
  const status = async (referer: string) =>
    Number((await rawGet(link!, { headers: { Referer: referer }, enough: wholeAnswer })).head.split(' ')[1]);
  assert.equal(await status('http://example.com/'), 403);
  assert.equal(await status('http://127.0.0.1/'), 403);
  assert.equal(await status(`${origin.url}/`), 200);
});

test('only requests for this machine are answered', async () => {
  const port = new URL(origin.url).port;
  const status = async (headers: Record<string, string>) =>
    Number(
      (
        await rawGet(`${origin.url}/stats`, { headers, enough: (bytes) => bytes.includes('\r\n\r\n') })
      ).head.split(' ')[1],
    );
  // Some clients leave the port out.
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  for (const host of names.flatMap((name) => [name, `${name}:${port}`])) {
    assert.equal(await status({ Host: host }), 200, host);
  }
  for (const host of [
    'example.com',
    `example.com:${port}`,
    '127.0.0.2',
    'localhost:1',
    '127.0.0.1.example.com',
    '',
    `127.0.0.1:${port}.example.com`,
  ]) {
    assert.equal(await status({ Host: host }), 403, host);
  }
  assert.equal(await status({ Origin: 'http://example.com' }), 403);
  // Another server of this machine is not this one.
  for (const other of ['http://127.0.0.1', 'http://localhost:1']) {
    assert.equal(await status({ Origin: other }), 403, other);
  }
  assert.equal(await status({ Origin: origin.url }), 200);
});

test('the page shows the pictures, and runs and loads nothing from elsewhere', async () => {
  for (const address of [origin.url, origin.albumUrl]) {
    const answer = await fetch(address);
    const policy = answer.headers.get('content-security-policy')!;
    assert.match(policy, /^default-src 'none'; img-src 'self'/);
    assert.doesNotMatch(policy, /script/);
    const html = await answer.text();
    assert.equal(html.match(/<img /g)?.length, 12);
    assert.ok(html.includes(`imgur:${origin.albumId}`));
  }
});

test('statistics count requests by path, connections, peaks and bytes', async (t) => {
  const own = await startOrigin({ ...small, rttMs: 40 });
  t.after(() => own.close());
  const [first, second] = await linksOf(own);
  await Promise.all([first!, first!, second!].map((link) => rawGet(link, { enough: wholeAnswer })));
  const stats = await statsOf(own);
  const path = (link: string) => new URL(link).pathname;
  assert.deepEqual(
    { ...stats.paths },
    {
      [`/3/album/${own.albumId}/images`]: 1,
      [path(first!)]: 2,
      [path(second!)]: 1,
    },
  );
  assert.equal(stats.requests, 4);
  assert.equal(stats.peakInFlight, 3);
  assert.ok(stats.peakConnections >= 3 && stats.connections >= 4);
  assert.ok(stats.bytes > 15_000);
  assert.equal(stats.throttled, 0);
});

test('the planned share of pictures fails, all of them can be had, and a second run meets the same faults', async (t) => {
  const own = await startOrigin({ ...small, images: 40, faultShare: 0.3, bytes: 3000 });
  t.after(() => own.close());
  const links = await linksOf(own);
  const isWhole = async (link: string) => {
    const answer = await rawGet(link, { enough: wholeAnswer });
    return answer.head.startsWith('HTTP/1.1 200') && answer.ending === 'left';
  };
  const run = async () => {
    const good: boolean[] = [];
    for (const link of links) good.push(await isWhole(link));
    return good;
  };
  const first = await run();
  assert.equal(first.filter((good) => !good).length, 12);
  const failing = links.filter((_, i) => !first[i]);
  for (const link of failing) assert.ok(await isWhole(link), link);
  assert.deepEqual(await run(), first);
});

test('an address, its pictures and its album are the same for the same seed', async (t) => {
  const again = await startOrigin(small);
  t.after(() => again.close());
  assert.equal(again.albumId, origin.albumId);
  const paths = async (of: Origin) => (await linksOf(of)).map((link) => new URL(link).pathname);
  assert.deepEqual(await paths(again), await paths(origin));
});

test('a port that is taken is an error of usage', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await assert.rejects(startOrigin({ ...small, images: 1, port }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /port \d+: another program has it/);
    return true;
  });
});

test('closing drops answers under way, and may be done twice', async () => {
  const own = await startOrigin({ ...small, connectionBytesPerSecond: 100 });
  const [link] = await linksOf(own);
  const answer = rawGet(link!);
  while ((await statsOf(own)).inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  await own.close();
  await own.close();
  assert.notEqual((await answer).ending, 'left');
  await assert.rejects(fetch(own.url));
});
