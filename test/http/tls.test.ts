import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, it, mock } from 'node:test';
import tls from 'node:tls';
import type { FailureCode } from '../../src/core/failures.ts';
import {
  authority,
  certificate,
  expired,
  certificateKey as key,
  notYetValid,
  otherName,
  selfSigned,
} from '../support/certificate.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { rawServer, testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

const trusted = tls.getCACertificates('default');
before(() => {
  // No back-off: how long it is, is proved elsewhere.
  mock.method(Math, 'random', () => 0);
  tls.setDefaultCACertificates([...trusted, authority]);
});
after(() => {
  mock.restoreAll();
  tls.setDefaultCACertificates(trusted);
});

const secureServer = (cert: string) =>
  testServer((_, response) => response.end(tinyJpeg), '127.0.0.1', { tls: { key, cert } });

describe('TLS name or date wrong: failed at once, and nothing was asked for', () => {
  const wrong: [what: string, cert: string, reason: RegExp][] = [
    ['a certificate for another name', otherName, /ALTNAME/],
    ['one that has expired', expired, /CERT_HAS_EXPIRED/],
    ['one that is not valid yet', notYetValid, /CERT_NOT_YET_VALID/],
    ['one that nobody vouches for but itself', selfSigned, /SELF_SIGNED/],
  ];
  for (const [what, cert, reason] of wrong) {
    it(what, async () => {
      await using server = await secureServer(cert);
      await using downloads = await testDownloads({ retries: 2 });
      const { error, attempts } = await downloads.downloader.download(workFor(server.url));
      assert.deepEqual([error?.code, error?.retryable, attempts], ['tls', false, 1]);
      assert.match(error!.message, reason);
      assert.deepEqual([server.requests, downloads.files()], [[], []]);
    });
  }

  it('one that a stranger vouches for', async () => {
    await using server = await secureServer(certificate);
    await using downloads = await testDownloads({ retries: 2 });
    tls.setDefaultCACertificates(trusted);
    const { error, attempts } = await downloads.downloader.download(workFor(server.url));
    tls.setDefaultCACertificates([...trusted, authority]);
    assert.deepEqual([error?.code, attempts], ['tls', 1]);
    assert.match(error!.message, /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_/);
    assert.deepEqual(server.requests, []);
  });

  it('the right one is taken, by address and by name', async () => {
    await using server = await secureServer(certificate);
    await using downloads = await testDownloads({ retries: 0 });
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = server.url.replace('127.0.0.1', host);
      const { status, error } = await downloads.downloader.download(workFor(url));
      assert.equal(status, 'saved', error?.message);
    }
    assert.equal(server.requests.length, 2);
  });
});

/** A record of the handshake that is as long as it says, and holds nothing that a handshake knows. */
const brokenRecord = Buffer.concat([Buffer.from([0x16, 3, 3, 0, 64]), Buffer.alloc(64, 0xee)]);
const handshakeFailure = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);

describe('a handshake that goes wrong', { concurrency: true }, () => {
  const rows: [what: string, answer: (socket: Socket) => void, code: FailureCode, tries: number][] = [
    ['garbage', (socket) => socket.end('\0\x01\x02 this is not TLS \xff\xff'), 'tls', 1],
    ['HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'tls', 1],
    ['a broken record', (socket) => socket.end(brokenRecord), 'tls', 1],
    ['a refusal', (socket) => socket.end(handshakeFailure), 'tls', 1],
    ['an end', (socket) => socket.end(), 'connection-lost', 3],
    ['a reset', (socket) => socket.resetAndDestroy(), 'connection-lost', 3],
    ['half a record and silence', (socket) => socket.write(brokenRecord.subarray(0, 20)), 'connect', 3],
    ['silence', () => {}, 'connect', 3],
  ];
  for (const [what, answer, code, tries] of rows) {
    it(`answered with ${what}: ${code} after ${tries}`, async () => {
      await using server = await rawServer(answer);
      // A short time for those alone that are expected to use it up.
      const spec = code === 'connect' ? { connectTimeoutMs: 250 } : {};
      await using downloads = await testDownloads({ retries: 2, ...spec });
      const url = server.url.replace('http:', 'https:');
      const { error, attempts } = await downloads.downloader.download(workFor(url));
      assert.deepEqual([error?.code, attempts], [code, tries], error?.message);
      assert.deepEqual(downloads.files(), []);
    });
  }
});

describe('the scheme of the address is not what the server speaks', () => {
  it('plain HTTP where https was asked for: failed at once', async () => {
    await using server = await testServer((_, response) => response.end(tinyJpeg));
    await using downloads = await testDownloads({ retries: 2 });
    const url = server.url.replace('http:', 'https:');
    const { error, attempts } = await downloads.downloader.download(workFor(url));
    assert.deepEqual([error?.code, attempts, server.requests], ['tls', 1, []]);
  });

  it('TLS where http was asked for: no picture, and it ends', async () => {
    await using server = await secureServer(certificate);
    await using downloads = await testDownloads({ retries: 2 });
    const url = server.url.replace('https:', 'http:');
    const { error } = await downloads.downloader.download(workFor(url));
    assert.ok(['protocol', 'connection-lost'].includes(error?.code ?? ''), error?.message);
    assert.deepEqual([server.requests, downloads.files()], [[], []]);
  });
});
