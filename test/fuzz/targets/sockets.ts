import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { resolveRunSpec } from '../../../src/core/options/resolve-options.ts';
import { apiClient } from '../../../src/http/api-client.ts';
import { createHttp, type Http } from '../../../src/http/http.ts';
import { RequestError } from '../../../src/http/request-error.ts';
import { instantNetwork } from '../../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../../src/origin/origin.ts';
import { testDownloads, workFor } from '../../support/downloads.ts';
import { tinyJpeg } from '../../support/tiny-pictures.ts';
import { bytesNear, textsNear } from '../mutations.ts';
import { expectFailure, expectPixels } from '../shapes.ts';
import { allowingAsync, target } from '../target.ts';

/** Answers every connection with the bytes that are given at that moment, and closes it. */
async function answering(): Promise<{ url: string; answer: Buffer; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.once('data', () => socket.end(self.answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: Buffer.alloc(0),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return self;
}

const message = (headers: string[], body: Buffer | string = '') =>
  Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
const jpegHeaders = [
  'HTTP/1.1 200 OK',
  'Content-Type: image/jpeg',
  `Content-Length: ${tinyJpeg.length}`,
  'ETag: "tag"',
];

const answers = [
  message(jpegHeaders, tinyJpeg),
  message(
    ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'],
    Buffer.concat([
      Buffer.from(`${tinyJpeg.length.toString(16)}\r\n`),
      tinyJpeg,
      Buffer.from('\r\n0\r\n\r\n'),
    ]),
  ),
  message(['HTTP/1.1 503 Busy', 'Retry-After: 3600', 'Retry-After: 7200', 'Content-Length: 4'], 'busy'),
  message(['HTTP/1.1 302 Found', 'Location: /removed.png', 'Content-Length: 0']),
  message(
    [
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 206 Partial',
      'Content-Range: bytes 0-63/64',
      'Content-Length: 64',
    ],
    tinyJpeg,
  ),
  message(
    [
      'HTTP/1.1 200 OK',
      'Content-Disposition: attachment; filename="../x.desktop"',
      'Set-Cookie: a=b',
      'Connection: close',
    ],
    tinyJpeg,
  ),
];
/** A pause that a server asked for would be the next input's, too. */
const isPaused = ({ pauses }: Http, url: string) => pauses.remaining(new URL(url).host).ms > 0;
const limits = { retries: 0, timeoutMs: 3000, stallTimeoutMs: 1000, connectTimeoutMs: 1000, patienceMs: 0 };

/** Whatever a server sends, an item has an outcome, and a file that is there is whole. */
const downloads = target<Buffer>({
  name: 'answers of a server, downloaded',
  weight: 8,
  open: async () => {
    const server = await answering();
    const open = () => testDownloads({ ...limits, name: '{remote}', maxBytes: 100_000 });
    let test = await open();
    let number = 0;
    return {
      inputs: bytesNear(answers),
      async check(answer) {
        server.answer = answer;
        number += 1;
        const key = `${server.url}/${number}.jpg`;
        const outcome = await test.downloader.download(workFor(key, {}, { target: '{remote}.{ext}' }));
        if (outcome.status === 'failed') {
          expectFailure(outcome.error!);
          assert.notEqual(outcome.error!.code, 'internal', outcome.error!.message);
          assert.equal(outcome.path, null);
        } else {
          const stored = fs.readFileSync(path.join(test.dir, outcome.path!));
          assert.equal(outcome.sha256, createHash('sha256').update(stored).digest('hex'));
          assert.equal(outcome.bytes, stored.length);
          expectPixels(outcome);
          fs.rmSync(path.join(test.dir, outcome.path!));
        }
        assert.deepEqual(fs.readdirSync(test.dir), ['.gallop']);
        assert.equal(outcome.attempts, 1);
        if (isPaused(test.downloader.http, server.url)) {
          await test[Symbol.asyncDispose]();
          test = await open();
        }
      },
      async close() {
        server.close();
        await test[Symbol.asyncDispose]();
      },
    };
  },
});

const listing = '{"data":{"id":"xYz","images":[]},"success":true,"status":200}';
const listings = [
  message(['HTTP/1.1 200 OK', `Content-Length: ${listing.length}`, 'X-RateLimit-UserRemaining: 5'], listing),
  message(['HTTP/1.1 200 OK', 'Content-Encoding: gzip', 'Connection: close'], gzipSync(listing)),
  message(['HTTP/1.1 200 OK', 'Content-Encoding: br', 'Connection: close'], brotliCompressSync(listing)),
  message(['HTTP/1.1 200 OK', 'Content-Encoding: constructor', 'Connection: close'], listing),
  message(['HTTP/1.1 429 Slow', 'Retry-After: 10', 'Retry-After: 20', 'Content-Length: 0']),
  message(['HTTP/1.1 503 Busy', 'Retry-After: 10', 'Retry-After: 20', 'Content-Length: 0']),
];

const api = target<Buffer>({
  name: "answers of an API's server",
  weight: 8,
  open: async () => {
    const server = await answering();
    const open = () => createHttp(resolveRunSpec(limits), null);
    let http = await open();
    return {
      inputs: bytesNear(listings),
      async check(answer) {
        server.answer = answer;
        const found = await allowingAsync([RequestError], () =>
          apiClient(http).request(`${server.url}/3/album/xYz`, { maxBytes: 10_000 }),
        );
        if (isPaused(http, server.url)) {
          await http.close();
          http = await open();
        }
        if (found === undefined) return;
        assert.ok(found.status >= 200 && found.status <= 999);
        assert.ok(Buffer.byteLength(found.text) <= 30_000);
        for (const value of Object.values(found.headers)) assert.equal(typeof value, 'string');
      },
      async close() {
        server.close();
        await http.close();
      },
    };
  },
});

const requestLines = [
  'GET /AbCdE.jpg HTTP/1.1\r\nHost: HOST\r\nRange: bytes=0-99\r\n\r\n',
  'GET /3/album/everyfault HTTP/1.1\r\nHost: HOST\r\nAuthorization: Client-ID x\r\n\r\n',
  'GET /fault/retry-after/1/1/429/x.jpg HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /fault/status/503/x.jpg HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /fault/redirect-to/x.jpg?url=http://h/&status=307 HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /fault/large/100000/x.jpg HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /fault/big-headers/1000/x.jpg HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /fault/resume-changed/x.jpg HTTP/1.1\r\nHost: HOST\r\nRange: bytes=5-\r\nIf-Range: "sample-1"\r\n\r\n',
  'GET /fault/disposition/x.desktop HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'POST /oauth2/token HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull',
  'POST /oauth2/token HTTP/1.1\r\nHost: HOST\r\nContent-Type: text/plain\r\nContent-Length: 29\r\n\r\ngrant_type=refresh_token&a=%F',
];
const firstBytesMs = 30;

/** The origin answers whatever it is asked, or closes the connection; and it is there for the next one. */
const requests = target<string>({
  name: 'requests to the origin',
  weight: 2,
  open: async () => {
    const origin = await startOrigin({ ...instantNetwork, images: 2, bytes: 3000 });
    const asked = new Set<string>();
    return {
      inputs: textsNear(requestLines, [
        '/fault/',
        '/0',
        '/-1',
        '/../',
        '/constructor',
        '?status=0',
        'bytes=',
        'HTTP/1.1\r\n',
        'null',
        '[]',
      ]),
      async check(text) {
        await ask(origin, text);
        if (asked.size % 20 === 0) assert.equal((await fetch(`${origin.url}/fault/ok/x.jpg`)).status, 200);
        asked.add(text);
      },
      close: () => origin.close(),
    };
  },
});

/** Sends and reads the first bytes: some faults have no end, and some are silent. */
async function ask({ url }: Origin, text: string): Promise<void> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, firstBytesMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    socket.on('error', end).once('data', end).once('close', end);
    socket.write(Buffer.from(text.replaceAll('HOST', host), 'latin1'));
  });
  socket.destroy();
}

export const socketTargets = [downloads, api, requests];
