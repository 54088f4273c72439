import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { exchange } from '../../src/http/exchange.ts';
import { authority, certificate, certificateKey } from '../support/certificate.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { closedPort, rawServer, testServer } from '../support/raw-server.ts';
import { until } from '../support/scratch.ts';
import { jpegOf, tinyJpeg } from '../support/tiny-pictures.ts';

describe('one connection', { concurrency: true }, () => {
  it('serves item after item, also after small refusals and redirects', async () => {
    await using server = await testServer((request, response) => {
      const status = Number(request.url!.slice(1));
      if (status === 302) response.writeHead(302, { location: '/200' }).end('over there');
      else if (status === 200) response.end(tinyJpeg);
      else response.writeHead(status).end('x'.repeat(30_000));
    });
    await using downloads = await testDownloads();
    for (const status of [200, 200, 404, 403, 410, 302, 200, 404, 200]) {
      await downloads.downloader.download(workFor(`${server.url}/${status}`, { reach: ['loopback'] }));
    }
    assert.deepEqual([server.requests.length, server.connections], [10, 1]);
  });

  for (const [how, end] of [
    ['closes', (socket: net.Socket) => socket.end()],
    ['resets', (socket: net.Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`that the server ${how} when it is used again costs no try`, async () => {
      const carried = new Map<net.Socket, number>();
      await using server = await testServer(({ socket }, response) => {
        carried.set(socket, (carried.get(socket) ?? 0) + 1);
        if (carried.get(socket) === 1) response.end(tinyJpeg);
        else end(socket);
      });
      await using downloads = await testDownloads({ retries: 0 });
      const ends: string[] = [];
      const lane = async (first: number) => {
        for (let at = first; at < first + 10; at += 1) {
          const work = workFor(`${server.url}/${at}.jpg`, {}, { target: `${at}.{ext}` });
          const { status, attempts } = await downloads.downloader.download(work);
          ends.push(`${status} ${attempts}`);
        }
      };
      await Promise.all([0, 10, 20].map(lane));
      assert.deepEqual(
        ends,
        Array.from({ length: 30 }, () => 'saved 1'),
      );
      assert.ok(server.requests.length > 30, 'no connection was used again');
    });
  }

  it('is given up rather than read to the end of a long refusal', async () => {
    const left: Promise<unknown>[] = [];
    await using server = await testServer((request, response) => {
      left.push(once(response, 'close'));
      response.writeHead(404, request.url === '/said' ? { 'content-length': 1e9 } : {});
      pour(response);
    });
    await using downloads = await testDownloads();
    for (const path of ['/said', '/unsaid']) {
      const { error } = await downloads.downloader.download(workFor(server.url + path));
      assert.equal(error?.code, 'not-found');
    }
    await Promise.all(left);
  });

  it('is not kept waiting by a refusal whose body never comes', async () => {
    await using server = await testServer((_, response) => {
      response.writeHead(404, { 'content-length': 100 }).write('not');
    });
    await using downloads = await testDownloads({ stallTimeoutMs: 1000 });
    const { error, attempts } = await downloads.downloader.download(workFor(server.url));
    assert.deepEqual([error?.code, attempts], ['not-found', 1]);
  });

  it('is not used again after an answer with two lengths', async () => {
    let connections = 0;
    await using server = await rawServer((socket) => {
      connections += 1;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    });
    await using downloads = await testDownloads({ retries: 0 });
    for (let at = 0; at < 2; at += 1) {
      const { error } = await downloads.downloader.download(workFor(server.url));
      assert.equal(error?.code, 'protocol');
    }
    assert.equal(connections, 2);
  });
});

function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024);
  const more = () => {
    while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', more);
  };
  more();
}

it('an endless 403 is read as far as it may say something', async () => {
  await using server = await testServer((_, response) => {
    response.writeHead(403);
    pour(response);
  });
  await using downloads = await testDownloads();
  const { error, attempts } = await downloads.downloader.download(workFor(server.url));
  assert.deepEqual([error?.code, attempts], ['forbidden', 1]);
});

it('a page under a picture name is refused on its first bytes, and the server need not go on', async () => {
  let sent = 0;
  const closed = Promise.withResolvers<void>();
  await using server = await testServer((_, response) => {
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': 100_000_000 });
    response.write(`<!doctype html><html>${' '.repeat(100)}`);
    response.once('close', () => {
      sent = response.socket?.bytesWritten ?? 0;
      closed.resolve();
    });
  });
  await using downloads = await testDownloads();
  const { error } = await downloads.downloader.download(workFor(`${server.url}/picture.jpg`));
  assert.equal(error?.code, 'not-an-image');
  assert.match(error.message, /an HTML page/);
  await closed.promise;
  assert.ok(sent < 1000);
});

it('a server that refuses connections is tried again, then failed as connect', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  await using downloads = await testDownloads({ retries: 2 });
  const { error, attempts } = await downloads.downloader.download(workFor(await closedPort()));
  assert.deepEqual([error?.code, error?.retryable, attempts], ['connect', true, 3]);
});

describe('connecting', { concurrency: true }, () => {
  /** Answers the first bytes of a connection, TLS or CONNECT, after `delayMs`; never, where that is null. */
  async function slowServer(delayMs: number | null) {
    const inner = https.createServer({ key: certificateKey, cert: certificate }, (_, response) => {
      response.end(tinyJpeg);
    });
    const outer = net.createServer((socket) => {
      socket.on('error', () => {});
      if (delayMs !== null) setTimeout(() => inner.emit('connection', socket), delayMs);
    });
    outer.listen(0, '127.0.0.1');
    await once(outer, 'listening');
    const sockets = new Set<net.Socket>();
    outer.on('connection', (socket) => sockets.add(socket));
    return {
      host: `127.0.0.1:${(outer.address() as net.AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        outer.close();
        await once(outer, 'close');
      },
    };
  }
  const trusted = tls.getCACertificates('default');
  before(() => tls.setDefaultCACertificates([...trusted, authority]));
  after(() => tls.setDefaultCACertificates(trusted));

  it('slowly is no silence of the server', async () => {
    await using server = await slowServer(1500);
    await using downloads = await testDownloads({
      stallTimeoutMs: 1000,
      connectTimeoutMs: 10_000,
      retries: 0,
    });
    const { status, error } = await downloads.downloader.download(workFor(`https://${server.host}/`));
    assert.equal(status, 'saved', error?.message);
  });

  it('is bounded by --connect-timeout, TLS and the tunnel of a proxy included', async () => {
    await using server = await slowServer(null);
    for (const spec of [{}, { proxy: `http://${server.host}` }]) {
      await using downloads = await testDownloads({
        ...spec,
        connectTimeoutMs: 300,
        timeoutMs: 20_000,
        retries: 0,
      });
      const url = 'proxy' in spec ? 'https://pictures.example/' : `https://${server.host}/`;
      const { error } = await downloads.downloader.download(workFor(url));
      assert.deepEqual([error?.code, error?.retryable], ['connect', true], error?.message);
    }
  });

  it('in vain is done anew by the next try, which does not wait for what was given up', async () => {
    let connections = 0;
    await using server = await rawServer(() => {
      connections += 1;
    });
    await using downloads = await testDownloads({ connectTimeoutMs: 200, retries: 2 });
    const work = workFor(server.url.replace('http:', 'https:'));
    const { error, attempts } = await downloads.downloader.download(work);
    assert.deepEqual([error?.code, attempts, connections], ['connect', 3, 3], error?.message);
  });
});

it('--user-agent and --header are sent as given, and nothing that says more', async () => {
  await using server = await testServer((_, response) => void response.end(tinyJpeg));
  await using downloads = await testDownloads({ userAgent: 'Mine/1 (me)', headers: { 'X-Mine': 'Yes' } });
  assert.equal((await downloads.downloader.download(workFor(server.url))).status, 'saved');
  const { host, connection, ...headers } = server.requests[0]!.headers;
  assert.deepEqual(headers, {
    'user-agent': 'Mine/1 (me)',
    'x-mine': 'Yes',
    accept: '*/*',
    'accept-encoding': 'identity',
  });
});

it('nothing more is read from the server while what was read is not taken', async () => {
  const body = jpegOf(20_000_000);
  await using server = await testServer((_, response) => void response.end(body));
  await using downloads = await testDownloads();
  const { http } = downloads.downloader;
  const [release, first] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [calls, bytes] = [0, 0];
  const done = exchange(
    http,
    { url: new URL(server.url), headers: {}, reach: ['loopback'], deadlineAt: performance.now() + 60_000 },
    {
      head() {},
      data(chunk) {
        calls += 1;
        bytes += chunk.length;
        first.resolve();
        return calls === 1 ? release.promise : undefined;
      },
    },
  );
  await first.promise;
  // Other exchanges on the same event loop prove that turns went by.
  await using other = await testServer((_, response) => void response.end(tinyJpeg));
  for (let at = 0; at < 5; at += 1) await downloads.downloader.download(workFor(other.url));
  assert.equal(calls, 1);
  release.resolve();
  await done;
  assert.equal(bytes, body.length);
});

it('--limit-rate holds over all transfers together', async () => {
  const body = jpegOf(100_000);
  await using server = await testServer((_, response) => void response.end(body));
  await using downloads = await testDownloads({ limitBytesPerSecond: 400_000 });
  const begun = performance.now();
  const all = ['a', 'b', 'c'].map((name) =>
    downloads.downloader.download(workFor(`${server.url}/${name}`, {}, { target: `${name}.{ext}` })),
  );
  assert.ok((await Promise.all(all)).every(({ status }) => status === 'saved'));
  // 300 kB at 400 kB/s, the last chunk of them all apart.
  assert.ok(performance.now() - begun >= 450);
  assert.ok(performance.now() - begun < 3000);
});

it('stopping breaks off what is under way, and refuses what comes after', async () => {
  await using server = await testServer((_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(tinyJpeg);
  });
  await using downloads = await testDownloads();
  const running = downloads.downloader.download(workFor(server.url));
  await until(() => server.requests.length === 1);
  downloads.downloader.stop();
  await assert.rejects(running, { code: 'interrupted' });
  await assert.rejects(downloads.downloader.download(workFor(server.url)), { code: 'interrupted' });
  assert.deepEqual(downloads.files(), []);
});

it('a header that cannot be sent fails its item alone', async () => {
  await using server = await testServer((_, response) => void response.end(tinyJpeg));
  await using downloads = await testDownloads();
  const { error } = await downloads.downloader.download(workFor(server.url, { headers: { 'x-a': 'a\nb' } }));
  assert.equal(error?.code, 'bad-url');
  assert.equal(server.requests.length, 0);
});
