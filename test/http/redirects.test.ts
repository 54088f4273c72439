import assert from 'node:assert/strict';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { nextHop, reachOfHop } from '../../src/http/redirect.ts';
import { authority, certificate, certificateKey } from '../support/certificate.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { type Handler, testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

const secrets = { authorization: 'Bearer secret', cookie: 'session=secret', 'x-item': 'secret' };
const to =
  (location: string | (() => string), status = 302): Handler =>
  (_, response) =>
    void response
      .writeHead(status, { location: typeof location === 'string' ? location : location() })
      .end('over there');
const picture: Handler = (_, response) => void response.end(tinyJpeg);

describe('redirects', { concurrency: true }, () => {
  it('to another origin lose authorization, cookies and headers of the item, also on the way back', async () => {
    let homeUrl = '';
    await using other = await testServer(to(() => `${homeUrl}/back`));
    await using home = await testServer((request, response, turn) =>
      (request.url === '/back' ? picture : to(other.url, 307))(request, response, turn),
    );
    homeUrl = home.url;
    await using downloads = await testDownloads({ headers: { 'x-run': 'secret' } });
    const outcome = await downloads.downloader.download(workFor(home.url, { headers: secrets }));
    assert.equal(outcome.status, 'saved');
    const [asked, back] = home.requests;
    for (const [name, value] of Object.entries(secrets)) assert.equal(asked!.headers[name], value);
    assert.equal(asked!.headers['x-run'], 'secret');
    for (const { headers } of [...other.requests, back!]) {
      assert.ok(!JSON.stringify(headers).includes('secret'), JSON.stringify(headers));
      assert.equal(headers['user-agent'], 'gallop/0.1.0');
    }
  });

  it('on the same origin keep them', async () => {
    await using server = await testServer((request, response, turn) =>
      (request.url === '/next' ? picture : to('/next', 308))(request, response, turn),
    );
    await using downloads = await testDownloads();
    const { status } = await downloads.downloader.download(workFor(server.url, { headers: secrets }));
    assert.equal(status, 'saved');
    for (const [name, value] of Object.entries(secrets))
      assert.equal(server.requests[1]!.headers[name], value);
  });

  it('do not hand the credentials of their address on', async () => {
    await using server = await testServer((request, response, turn) =>
      (request.url === '/next' ? picture : to(() => `http://other:words@localhost:${server.port}/next`))(
        request,
        response,
        turn,
      ),
    );
    await using downloads = await testDownloads();
    const { status } = await downloads.downloader.download(workFor(server.url));
    assert.equal(status, 'saved');
    assert.equal(server.requests[1]!.headers.authorization, undefined);
  });

  it('of 301, 302, 303, 307 and 308 are followed, with a long body as well', async () => {
    await using server = await testServer((request, response, turn) => {
      if (request.url === '/picture') return picture(request, response, turn);
      response.writeHead(Number(request.url!.slice(1)), { location: '/picture' }).end(Buffer.alloc(300_000));
    });
    await using downloads = await testDownloads();
    for (const status of [301, 302, 303, 307, 308]) {
      const outcome = await downloads.downloader.download(workFor(`${server.url}/${status}`));
      assert.equal(outcome.status, 'saved', String(status));
    }
  });
});

describe('the next hop', () => {
  const from = new URL('https://pictures.example/a/b?c');
  const refused: [string, boolean][] = [
    ['http://pictures.example/', false],
    ['ftp://pictures.example/', true],
    ['file:///etc/hostname', true],
    ['data:image/png;base64,AAAA', true],
    ['https://', true],
  ];
  for (const [location, allowDowngrade] of refused) {
    it(`is not ${location}`, () => {
      assert.throws(() => nextHop(from, location, 1, allowDowngrade), { code: 'redirect' });
    });
  }

  it('is relative to the one before, and may lose its TLS where that is allowed', () => {
    assert.equal(nextHop(from, '../d', 1, false).href, 'https://pictures.example/d');
    assert.equal(nextHop(from, '//other.example', 1, false).href, 'https://other.example/');
    assert.equal(nextHop(from, 'http://pictures.example/', 1, true).href, 'http://pictures.example/');
  });

  it('is not one that grows with every hop beyond what servers take', () => {
    const from = new URL('http://pictures.example/');
    assert.equal(nextHop(from, `/${'x'.repeat(16_000)}`, 1, false).pathname.length, 16_001);
    assert.throws(() => nextHop(from, `/${'x'.repeat(16_384)}`, 1, false), { code: 'redirect' });
  });

  it('may be the tenth, not the eleventh', () => {
    assert.ok(nextHop(from, '/', 10, false));
    assert.throws(() => nextHop(from, '/', 11, false), { code: 'redirect' });
  });

  it('reaches the range of the one before; a link-local one its own origin alone', () => {
    assert.deepEqual(reachOfHop('public', true), []);
    assert.deepEqual(reachOfHop('loopback', false), ['loopback']);
    assert.deepEqual(reachOfHop('private', true), ['private']);
    assert.deepEqual(reachOfHop('local', true), ['local']);
    assert.deepEqual(reachOfHop('local', false), []);
  });
});

describe('over TLS', () => {
  const server = https.createServer({ key: certificateKey, cert: certificate }, (request, response) => {
    if (request.url === '/down') response.writeHead(302, { location: downTo }).end();
    else response.end(tinyJpeg);
  });
  let downTo = '';
  let url = '';
  const trusted = tls.getCACertificates('default');

  before(async () => {
    tls.setDefaultCACertificates([...trusted, authority]);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    tls.setDefaultCACertificates(trusted);
    server.closeAllConnections();
    server.close();
  });

  it('a redirect to http is refused, and followed with --allow-downgrade', async () => {
    await using plain = await testServer(picture);
    downTo = plain.url;
    await using strict = await testDownloads();
    const { error } = await strict.downloader.download(workFor(`${url}/down`));
    assert.equal(error?.code, 'redirect');
    assert.equal(plain.requests.length, 0);
    await using lenient = await testDownloads({ allowDowngrade: true });
    assert.equal((await lenient.downloader.download(workFor(`${url}/down`))).status, 'saved');
  });
});
