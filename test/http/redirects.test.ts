import assert from 'node:assert/strict';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { nextHop, reachOfHop } from '../../src/http/redirect.ts';
import { certificate, certificateKey } from '../support/certificate.ts';
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
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    tls.setDefaultCACertificates(trusted);
    server.closeAllConnections();
    server.close();
  });

  it('a certificate that nobody vouches for fails at once', async () => {
    await using downloads = await testDownloads();
    const { error, attempts } = await downloads.downloader.download(workFor(url));
    assert.deepEqual([error?.code, attempts], ['tls', 1]);
    assert.match(error!.message, /SELF_SIGNED/);
  });

  it('so does one for another name; the right name is served', async () => {
    tls.setDefaultCACertificates([...trusted, certificate]);
    await using downloads = await testDownloads();
    const wrong = await downloads.downloader.download(workFor(url.replace('127.0.0.1', 'localhost')));
    assert.deepEqual([wrong.error?.code, wrong.attempts], ['tls', 1]);
    assert.match(wrong.error!.message, /ALTNAME/);
    assert.equal((await downloads.downloader.download(workFor(url))).status, 'saved');
  });

  it('a redirect to http is refused, and followed with --allow-downgrade', async () => {
    tls.setDefaultCACertificates([...trusted, certificate]);
    await using plain = await testServer(picture);
    downTo = plain.url;
    await using strict = await testDownloads();
    const { error } = await strict.downloader.download(workFor(`${url}/down`));
    assert.equal(error?.code, 'redirect');
    assert.equal(plain.requests.length, 0);
    await using lenient = await testDownloads({ allowDowngrade: true });
    assert.equal((await lenient.downloader.download(workFor(`${url}/down`))).status, 'saved');
  });

  it('http spoken to a TLS port, and TLS to an http port, are no retries', async () => {
    await using plain = await testServer(picture);
    await using downloads = await testDownloads({ retries: 1 });
    const wrong = await downloads.downloader.download(workFor(plain.url.replace('http:', 'https:')));
    assert.deepEqual([wrong.error?.code, wrong.attempts], ['tls', 1]);
  });
});
