import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { Item } from '../../src/core/item.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { withoutBackOff } from '../support/no-back-off.ts';
import { testServer } from '../support/raw-server.ts';
import {
  type Asked,
  type Behaviour,
  give,
  giveSome,
  giveWhole,
  type Headers,
  large,
  otherLarge,
  segmentServer,
} from '../support/segment-server.ts';

withoutBackOff();

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function fetchFrom(behave: Behaviour, spec: Partial<RunSpec> = {}, item: Partial<Item> = {}) {
  const paused: string[] = [];
  await using server = await segmentServer(behave);
  await using downloads = await testDownloads(
    { retries: 3, segments: 4, ...spec },
    { hooks: { hostPaused: (host) => void paused.push(host) } },
  );
  const outcome = await downloads.downloader.download(workFor(`${server.url}/a.jpg`, item));
  return {
    outcome,
    paused,
    requests: server.requests,
    connections: server.connections,
    ranges: server.requests.map(({ headers }) => headers.range ?? null),
    bytes: outcome.path === null ? null : downloads.read(outcome.path),
    files: downloads.files(),
  };
}

type Fetched = Awaited<ReturnType<typeof fetchFrom>>;

function assertWhole({ outcome, bytes, files }: Fetched, whole = large): void {
  assert.equal(outcome.status, 'saved', outcome.error?.message);
  assert.ok(bytes!.equals(whole));
  assert.deepEqual([outcome.bytes, outcome.sha256], [whole.length, sha256(whole)]);
  assert.deepEqual(files, ['picture.jpg']);
}

const quarters = ['bytes=3000000-5999999', 'bytes=6000000-8999999', 'bytes=9000000-11999999'];

describe('a large file is fetched over several connections', () => {
  it('the first goes on as the first segment, the others ask for theirs', async () => {
    const fetched = await fetchFrom(() => false);
    assertWhole(fetched);
    assert.deepEqual(fetched.ranges, [null, ...quarters]);
    for (const { headers } of fetched.requests.slice(1)) assert.equal(headers['if-range'], '"v1"');
    assert.deepEqual([fetched.outcome.attempts, fetched.connections], [4, 4]);
  });

  it('the first is ended where the second begins', async () => {
    let rest = 0;
    const fetched = await fetchFrom((asked, response) => {
      if (asked.from !== null) return false;
      giveSome(asked, response, 3_500_000, false);
      response.once('close', () => {
        rest += 1;
      });
      return true;
    });
    assertWhole(fetched);
    assert.equal(rest, 1);
  });

  it('what its source promised is held against the whole', async () => {
    assertWhole(await fetchFrom(() => false, {}, { expect: { sha256: sha256(large), bytes: large.length } }));
    const { outcome, files } = await fetchFrom(() => false, {}, { expect: { sha256: sha256(otherLarge) } });
    assert.deepEqual([outcome.error?.code, files], ['mismatch', []]);
  });

  it('along a redirect, from the address that was asked', async () => {
    await using files = await segmentServer();
    await using server = await testServer(
      (_, response) => void response.writeHead(302, { location: `${files.url}/moved.jpg` }).end(),
    );
    await using downloads = await testDownloads({ segments: 4 });
    const outcome = await downloads.downloader.download(workFor(`${server.url}/a.jpg`));
    assert.equal(outcome.status, 'saved', outcome.error?.message);
    assert.deepEqual([server.requests.length, files.requests.length], [4, 4]);
    assert.ok(downloads.read('picture.jpg').equals(large));
  });
});

describe('one connection alone', () => {
  const rows: [what: string, spec: Partial<RunSpec>, headers: Headers][] = [
    ['with --segments 1, the default', { segments: 1 }, {}],
    ['where the host may have but one', { perHost: 1 }, {}],
    ['where the server does not say that it gives parts', {}, { 'accept-ranges': 'none' }],
    ['where the tag is weak', {}, { etag: 'W/"v1"' }],
  ];
  for (const [what, spec, headers] of rows) {
    it(what, async () => {
      const fetched = await fetchFrom((asked, response) => {
        give(asked, response, headers);
        return true;
      }, spec);
      assertWhole(fetched);
      assert.deepEqual(fetched.ranges, [null]);
    });
  }

  it('where the length is not known', async () => {
    const fetched = await fetchFrom((_, response) => {
      response.writeHead(200, { etag: '"v1"', 'accept-ranges': 'bytes' }).end(large);
      return true;
    });
    assertWhole(fetched);
    assert.deepEqual(fetched.ranges, [null]);
  });

  it('for less than 8 MiB', async () => {
    const small = large.subarray(0, 8 * 1024 * 1024 - 1);
    const { ranges } = await fetchFrom((asked, response) => {
      give(asked, response, {}, small);
      return true;
    });
    assert.deepEqual(ranges.slice(0, 1), [null]);
    assert.ok(!ranges.some((range) => range?.startsWith('bytes=2')));
  });

  it('none at all for more than --max-bytes', async () => {
    const { outcome, ranges } = await fetchFrom(() => false, { maxBytes: 10_000_000 });
    assert.deepEqual([outcome.error?.code, ranges], ['too-large', [null]]);
  });
});

/** Answers to the requests for segments, none of which is what was asked for. */
const unfit: [what: string, answer: (asked: Asked, response: ServerResponse) => void][] = [
  ['Range ignored, 200', (_, response) => giveWhole(response)],
  ['another file by now, 200', (_, response) => giveWhole(response, otherLarge, '"v2"')],
  ['206 of another file', (asked, response) => give(asked, response, { etag: '"v2"' }, otherLarge)],
  ['206 without a validator', (asked, response) => giveOther(asked, response, { etag: undefined })],
  [
    '200 with a Content-Range',
    (asked, response) => {
      const range = `bytes ${asked.from}-${asked.to! - 1}/12000000`;
      response.writeHead(200, { etag: '"v1"', 'content-range': range });
      response.end(otherLarge.subarray(asked.from!, asked.to!));
    },
  ],
  [
    'another beginning',
    (asked, response) =>
      give(
        asked,
        response,
        { 'content-range': `bytes ${asked.from! - 1}-${asked.to! - 1}/12000000` },
        otherLarge,
      ),
  ],
  [
    'another end',
    (asked, response) =>
      give(asked, response, { 'content-range': `bytes ${asked.from}-${asked.to! - 2}/12000000` }, otherLarge),
  ],
  [
    'another total',
    (asked, response) =>
      give(asked, response, { 'content-range': `bytes ${asked.from}-${asked.to! - 1}/12000001` }, otherLarge),
  ],
  ['no Content-Range', (asked, response) => giveOther(asked, response, { 'content-range': undefined })],
  [
    'a length that is not that of its range',
    (asked, response) => {
      const range = `bytes ${asked.from}-${asked.to! - 1}/12000000`;
      response.writeHead(206, { etag: '"v1"', 'content-range': range, 'content-length': 10 });
      response.end(otherLarge.subarray(0, 10));
    },
  ],
  [
    'more than its range, in chunks',
    (asked, response) => {
      const range = `bytes ${asked.from}-${asked.to! - 1}/12000000`;
      response.writeHead(206, { etag: '"v1"', 'content-range': range }).end(large.subarray(asked.from!));
    },
  ],
  ['compressed', (asked, response) => give(asked, response, { 'content-encoding': 'gzip' }, otherLarge)],
  ['416', (_, response) => void response.writeHead(416, { 'content-range': 'bytes */12000000' }).end()],
  ['403', (_, response) => void response.writeHead(403).end('no')],
  ['404', (_, response) => void response.writeHead(404).end('no')],
];

function giveOther(asked: Asked, response: ServerResponse, without: Record<string, undefined>): void {
  const range = `bytes ${asked.from}-${asked.to! - 1}/12000000`;
  const headers: Headers = { etag: '"v1"', 'content-range': range };
  for (const name of Object.keys(without)) delete headers[name];
  response.writeHead(206, headers).end(otherLarge.subarray(asked.from!, asked.to!));
}

describe('what is not exactly the segment that was asked for is never mixed in', { concurrency: 4 }, () => {
  for (const [what, answer] of unfit) {
    it(`${what}: the first connection fetches the whole`, async () => {
      const fetched = await fetchFrom((asked, response) => {
        if (asked.from === null) {
          // It goes on when the segments have been answered.
          response.writeHead(200, { etag: '"v1"', 'accept-ranges': 'bytes', 'content-length': large.length });
          response.write(large.subarray(0, 1_000_000));
          setTimeout(() => response.end(large.subarray(1_000_000)), 200);
        } else answer(asked, response);
        return true;
      });
      assertWhole(fetched);
      assert.deepEqual(fetched.ranges, [null, ...quarters]);
    });

    it(`${what}, once the first connection is done: the rest over one`, async () => {
      let first: ServerResponse | undefined;
      const fetched = await fetchFrom((asked, response) => {
        if (asked.from === null) {
          first = response;
          return false;
        }
        if (asked.to === null) return false;
        const late = () => answer(asked, response);
        if (first!.closed) late();
        else void once(first!, 'close').then(late);
        return true;
      });
      assertWhole(fetched);
      assert.equal(fetched.ranges.at(-1), 'bytes=3000000-');
    });
  }

  it('another file by now, also to the request for the rest: the other one, whole', async () => {
    let first: ServerResponse | undefined;
    const fetched = await fetchFrom((asked, response) => {
      if (asked.before === 0) {
        first = response;
        return false;
      }
      const late = () => giveWhole(response, otherLarge, '"v2"');
      if (first!.closed) late();
      else void once(first!, 'close').then(late);
      return true;
    });
    assertWhole(fetched, otherLarge);
  });
});

describe('a segment that fails', () => {
  it('and had some bytes is gone on with by itself', async () => {
    const fetched = await fetchFrom((asked, response) => {
      if (asked.from !== 6_000_000) return false;
      giveSome(asked, response, 1_234_567);
      return true;
    });
    assertWhole(fetched);
    assert.deepEqual(fetched.ranges.toSorted(), [...quarters, 'bytes=7234567-8999999', null].toSorted());
    assert.equal(fetched.outcome.attempts, 5);
  });

  it('also where it is the first', async () => {
    const fetched = await fetchFrom((asked, response) => {
      if (asked.from !== null) return false;
      giveSome(asked, response, 1_000_000);
      return true;
    });
    assertWhole(fetched);
    assert.deepEqual(fetched.ranges.toSorted(), [...quarters, 'bytes=1000000-2999999', null].toSorted());
  });

  it('and stalls is gone on with', async () => {
    const fetched = await fetchFrom(
      (asked, response) => {
        if (asked.from !== 3_000_000) return false;
        giveSome(asked, response, 500_000, false);
        return true;
      },
      { stallTimeoutMs: 300 },
    );
    assertWhole(fetched);
    assert.ok(fetched.ranges.includes('bytes=3500000-5999999'));
  });

  it('is gone on with --retries times in all, and no more', async () => {
    const behave: Behaviour = (asked, response) => {
      if (asked.from === null || asked.from < 9_000_000) return false;
      giveSome(asked, response, 100_000);
      return true;
    };
    const { outcome, ranges } = await fetchFrom(behave, { retries: 2 });
    assert.equal(outcome.error?.code, 'connection-lost', outcome.error?.message);
    assert.equal(ranges.length, 4 + 2);
    const once = await fetchFrom(behave, { retries: 0 });
    assert.equal(once.outcome.error?.code, 'connection-lost');
    assert.equal(once.ranges.length, 4);
  });

  it('is answered 429: fewer go on, and the host is told to have asked for a pause', async () => {
    let inFlight = 0;
    let refused = 0;
    const fetched = await fetchFrom((asked, response) => {
      inFlight += 1;
      response.once('close', () => {
        inFlight -= 1;
      });
      if (inFlight <= 3) {
        // Long enough for the fourth to come in meanwhile.
        setTimeout(() => give(asked, response), 50);
        return true;
      }
      refused += 1;
      response.writeHead(429).end();
      return true;
    });
    assertWhole(fetched);
    assert.deepEqual([refused, fetched.paused.length], [1, 1]);
  });

  it('is answered 503 with Retry-After: nothing is asked of the host before that', async () => {
    let refusedAt = 0;
    const fetched = await fetchFrom((asked, response) => {
      if (asked.from !== 9_000_000 || refusedAt > 0) return false;
      refusedAt = performance.now();
      response.writeHead(503, { 'retry-after': '1' }).end();
      return true;
    });
    assertWhole(fetched);
    const later = fetched.requests.filter(({ at }) => at > refusedAt + 500);
    assert.equal(later[0]!.headers.range, 'bytes=9000000-');
    assert.ok(later[0]!.at - refusedAt >= 990, `after ${later[0]!.at - refusedAt} ms`);
    assert.equal(fetched.requests.length - later.length, 4);
  });

  it('ends with --timeout, and leaves what it has to a later run', async () => {
    await using server = await segmentServer((asked, response) => {
      if (asked.from !== 6_000_000) return false;
      giveSome(asked, response, 1_000_000, false);
      return true;
    });
    await using downloads = await testDownloads({ segments: 4, timeoutMs: 500 });
    const outcome = await downloads.downloader.download(workFor(`${server.url}/a.jpg`));
    assert.equal(outcome.error?.code, 'timeout', outcome.error?.message);
    assert.equal(downloads.files().length, 2, downloads.files().join());
  });

  it('ends with the run: nothing more is on the wire', async () => {
    await using server = await segmentServer((asked, response) => {
      giveSome(asked, response, 1_000_000, false);
      return true;
    });
    await using downloads = await testDownloads({ segments: 4 });
    const outcome = downloads.downloader.download(workFor(`${server.url}/a.jpg`));
    outcome.catch(() => {});
    while (server.requests.length < 4) await new Promise((resolve) => setTimeout(resolve, 2));
    downloads.downloader.stop();
    await assert.rejects(outcome, { name: 'InterruptedError' });
  });
});

it('what is no picture ends all connections', async () => {
  const page = Buffer.alloc(12_000_000, '<p>please sign in</p>');
  const { outcome, files } = await fetchFrom((asked, response) => {
    if (asked.from === null) give(asked, response, {}, page);
    else giveSome(asked, response, 1000, false);
    return true;
  });
  assert.deepEqual([outcome.error?.code, files], ['not-an-image', []]);
});

it('--limit-rate holds for all connections together', async () => {
  const begunAt = performance.now();
  assertWhole(await fetchFrom(() => false, { limitBytesPerSecond: 24_000_000 }));
  const ms = performance.now() - begunAt;
  assert.ok(ms > 400, `12 MB at 24 MB/s in ${ms} ms`);
});
