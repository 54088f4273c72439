import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { testDownloads, workFor } from '../support/downloads.ts';
import { type Handler, testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

/** Node's timers may fire this much early. */
const slackMs = 5;

const picture: Handler = (_, response) => void response.end(tinyJpeg);
const throttle =
  (retryAfter: string | number, times: number): Handler =>
  (request, response, turn) => {
    if (turn > times) return picture(request, response, turn);
    response.writeHead(429, { 'retry-after': String(retryAfter) }).end();
  };

describe('waiting because the server asked for it', { concurrency: true }, () => {
  it('waits as many seconds as Retry-After says', async () => {
    await using server = await testServer(throttle(1, 1));
    await using downloads = await testDownloads();
    const outcome = await downloads.downloader.download(workFor(server.url));
    assert.equal(outcome.status, 'saved');
    const [first, second] = server.requests;
    assert.ok(second!.at - first!.at >= 1000 - slackMs);
    assert.ok(outcome.ms.wait >= 1000 - slackMs);
  });

  it('waits until the date that Retry-After says', async () => {
    const until = Math.ceil(Date.now() / 1000 + 1) * 1000;
    let cameAt = 0;
    await using server = await testServer((request, response, turn) => {
      cameAt = Date.now();
      throttle(new Date(until).toUTCString(), 1)(request, response, turn);
    });
    await using downloads = await testDownloads();
    const outcome = await downloads.downloader.download(workFor(server.url));
    assert.equal(outcome.status, 'saved');
    assert.ok(cameAt >= until - slackMs);
  });

  it('does not wait a day, and says until when it would be', async () => {
    await using server = await testServer(throttle(86_400, 9));
    await using downloads = await testDownloads();
    const { error, attempts } = await downloads.downloader.download(workFor(server.url));
    assert.equal(error?.code, 'throttled');
    assert.match(
      error.message,
      /asks to wait 86400 s, until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: more than --pat/,
    );
    assert.equal(attempts, 1);
    assert.equal(server.requests.length, 1);
  });

  it('does not ask a host again that asked for a day, but says so for the other items, too', async () => {
    await using server = await testServer(throttle(86_400, 9));
    await using downloads = await testDownloads();
    await downloads.downloader.download(workFor(server.url));
    const { error, attempts } = await downloads.downloader.download(workFor(`${server.url}/other`));
    assert.deepEqual([error?.code, attempts], ['throttled', 0]);
    assert.equal(server.requests.length, 1);
  });

  it('says what the last try failed with where --timeout leaves no room for the next', async () => {
    await using server = await testServer((_, response) => response.writeHead(500).end());
    await using downloads = await testDownloads({ timeoutMs: 2000, retries: 50 });
    const { error } = await downloads.downloader.download(workFor(server.url));
    assert.equal(error?.code, 'timeout');
    assert.match(error.message, /answered 500.*--timeout/);
  });

  it('waits no longer than --patience in sum', async () => {
    await using server = await testServer(throttle(1, 99));
    await using downloads = await testDownloads({ patienceMs: 1500, retries: 3 });
    const { error } = await downloads.downloader.download(workFor(server.url));
    assert.equal(error?.code, 'throttled');
    assert.equal(server.requests.length, 2);
  });

  it('our own back-off is no impatience: with --patience 0 a 503 of one item fails no other', async () => {
    await using server = await testServer((request, response, turn) => {
      if (request.url === '/busy' && turn === 1) response.writeHead(503).end();
      else response.end(tinyJpeg);
    });
    const paused = Promise.withResolvers<void>();
    const hooks = { hostPaused: () => paused.resolve() };
    await using downloads = await testDownloads({ patienceMs: 0 }, { hooks });
    const busy = downloads.downloader.download(workFor(`${server.url}/busy`));
    await paused.promise;
    const other = await downloads.downloader.download(
      workFor(`${server.url}/other`, {}, { target: 'o.{ext}' }),
    );
    assert.deepEqual([other.status, other.error], ['saved', undefined]);
    assert.deepEqual([(await busy).status, (await busy).attempts], ['saved', 2]);
  });

  it('an Imgur over capacity is waited for, a real 403 is not', async () => {
    await using server = await testServer((request, response, turn) => {
      if (request.url === '/real') response.writeHead(403).end('<h1>Forbidden</h1>');
      else if (turn === 1) response.writeHead(403, { 'retry-after': '1' }).end('Imgur is over capacity!');
      else response.end(tinyJpeg);
    });
    await using downloads = await testDownloads();
    const refused = await downloads.downloader.download(workFor(`${server.url}/real`));
    assert.deepEqual([refused.error?.code, refused.attempts], ['forbidden', 1]);
    const busy = await downloads.downloader.download(workFor(`${server.url}/busy`));
    assert.deepEqual([busy.status, busy.attempts], ['saved', 2]);
    assert.ok(server.requests[2]!.at - server.requests[1]!.at >= 1000 - slackMs);
  });

  it('counts every wait for a server that is over capacity, also where it does not say how long', async () => {
    await using server = await testServer((_, response) => {
      response.writeHead(403).end('Imgur is over capacity!');
    });
    await using downloads = await testDownloads({ patienceMs: 0, retries: 3 });
    const { error } = await downloads.downloader.download(workFor(server.url));
    assert.equal(error?.code, 'throttled');
    assert.equal(server.requests.length, 1);
  });

  it('is bounded for a server that is over capacity for good', async () => {
    await using server = await testServer((_, response) => {
      response.writeHead(403).end('Imgur is over capacity!');
    });
    await using downloads = await testDownloads({ retries: 1 });
    const { error } = await downloads.downloader.download(workFor(server.url));
    assert.equal(error?.code, 'throttled');
    assert.equal(server.requests.length, 2);
  });

  it('a burst of 429 pauses the host once, and whoever comes then waits for its end', async () => {
    const [burst, pauses]: [number, [string, number][]] = [8, []];
    const held: (() => void)[] = [];
    let answeredAt = 0;
    await using server = await testServer((request, response, turn) => {
      if (request.url === '/late' || turn > 1) return picture(request, response, turn);
      held.push(() => response.writeHead(429, { 'retry-after': '1' }).end());
      if (held.length < burst) return;
      answeredAt = performance.now();
      for (const release of held) release();
    });
    const paused = Promise.withResolvers<void>();
    const hooks = {
      hostPaused: (host: string, { ms }: { ms: number }) => {
        pauses.push([host, ms]);
        paused.resolve();
      },
    };
    await using downloads = await testDownloads({}, { hooks });
    const download = (path: string) =>
      downloads.downloader.download(workFor(server.url + path, {}, { target: `${path.slice(1)}.{ext}` }));
    const all = Array.from({ length: burst }, (_, at) => download(`/b${at}`));
    await paused.promise;
    const late = await download('/late');
    assert.deepEqual([late.status, late.attempts], ['saved', 1]);
    assert.ok(server.requests.find(({ path }) => path === '/late')!.at - answeredAt >= 1000 - slackMs);
    assert.ok((await Promise.all(all)).every(({ status, attempts }) => status === 'saved' && attempts === 2));
    assert.deepEqual(pauses, [[new URL(server.url).host, 1000]]);
  });

  it('other hosts do not wait for a paused one', async () => {
    await using busy = await testServer(throttle(20, 9));
    await using idle = await testServer(picture);
    const paused = Promise.withResolvers<void>();
    await using downloads = await testDownloads({}, { hooks: { hostPaused: () => paused.resolve() } });
    const waiting = downloads.downloader.download(workFor(busy.url));
    waiting.catch(() => {});
    await paused.promise;
    assert.equal((await downloads.downloader.download(workFor(idle.url))).status, 'saved');
    downloads.downloader.stop();
    await assert.rejects(waiting, { code: 'interrupted' });
  });
});

describe('retries', () => {
  it('are as many as --retries says, with back-off between them', async (t) => {
    t.mock.method(Math, 'random', () => 0.5);
    await using server = await testServer((_, response) => void response.writeHead(500).end());
    await using downloads = await testDownloads({ retries: 2 });
    const outcome = await downloads.downloader.download(workFor(server.url));
    assert.equal(outcome.attempts, 3);
    const [a, b, c] = server.requests.map(({ at }) => at);
    assert.ok(b! - a! >= 200 - slackMs && c! - b! >= 400 - slackMs);
    assert.equal(outcome.error?.retryable, true);
    mock.restoreAll();
  });

  it('are none where the host has refused everybody for longer than --patience', async (t) => {
    await using server = await testServer((_, response) => void response.writeHead(429).end());
    await using downloads = await testDownloads({ patienceMs: 15_000, retries: 2 });
    const { refusals } = downloads.downloader.http;
    const attemptsAfter = async (ms: number) => {
      t.mock.method(refusals, 'shutMs', () => ms);
      const { error, attempts } = await downloads.downloader.download(workFor(server.url));
      assert.equal(error?.code, 'throttled');
      return attempts;
    };
    assert.deepEqual([await attemptsAfter(15_001), await attemptsAfter(14_999)], [1, 3]);
    // Our own back-off is no impatience.
    await using hasty = await testDownloads({ patienceMs: 0, retries: 3 });
    assert.equal((await hasty.downloader.download(workFor(server.url))).attempts, 4);
  });

  it('are not begun after --timeout', async () => {
    await using server = await testServer(throttle(25, 9));
    await using downloads = await testDownloads({ timeoutMs: 20_000 });
    const begun = performance.now();
    const { error } = await downloads.downloader.download(workFor(server.url));
    assert.equal(error?.code, 'timeout');
    // It is known at once: nobody waits for a time that will not come.
    assert.ok(performance.now() - begun < 15_000);
  });

  it('end when the run is stopped', async (t) => {
    await using server = await testServer((_, response) => void response.writeHead(500).end());
    await using downloads = await testDownloads({ retries: 100 });
    const { http } = downloads.downloader;
    const { sleep } = http;
    const sleeps = Promise.withResolvers<void>();
    t.mock.method(http, 'sleep', (ms: number) => {
      sleeps.resolve();
      return sleep.call(http, ms);
    });
    const waiting = downloads.downloader.download(workFor(server.url));
    await sleeps.promise;
    downloads.downloader.stop();
    await assert.rejects(waiting, { code: 'interrupted' });
    assert.deepEqual(downloads.files(), []);
  });
});
