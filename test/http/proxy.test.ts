import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { proxySettings } from '../../src/core/proxy-settings.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { closedPort, testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

interface TestProxy extends AsyncDisposable {
  url: string;
  /** What was asked of it: absolute addresses, and `CONNECT host:port`. */
  asked: string[];
  authorizations: (string | undefined)[];
}

/** A proxy that has every picture itself, and tunnels every CONNECT to `tunnelTo`, a port of this machine. */
async function testProxy({ password = '', tunnelTo = 0, location = '' } = {}): Promise<TestProxy> {
  const [asked, authorizations]: [string[], (string | undefined)[]] = [[], []];
  const isWelcome = (given: string | undefined) => {
    authorizations.push(given);
    return password === '' || given === `Basic ${Buffer.from(password).toString('base64')}`;
  };
  const server = createServer((request, response) => {
    asked.push(request.url!);
    if (!isWelcome(request.headers['proxy-authorization'])) response.writeHead(407).end('password?');
    else if (request.url!.endsWith('/away')) response.writeHead(302, { location }).end();
    else response.end(tinyJpeg);
  });
  server.on('connect', (request, client) => {
    asked.push(`CONNECT ${request.url}`);
    client.on('error', () => {});
    if (!isWelcome(request.headers['proxy-authorization'])) {
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    if (tunnelTo === 0) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const target = connect(tunnelTo, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    authorizations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function download(url: string, spec: Partial<RunSpec>, environment: Record<string, string> = {}) {
  await using downloads = await testDownloads({ retries: 0, ...spec }, { environment });
  return await downloads.downloader.download(workFor(url, { reach: [] }));
}

const address = 'http://pictures.example/a.jpg?b=c';

describe('a proxy', { concurrency: true }, () => {
  it('is asked with the whole address; the name is its to look up', async () => {
    await using proxy = await testProxy();
    assert.equal((await download(address, { proxy: proxy.url })).status, 'saved');
    assert.deepEqual(proxy.asked, [address]);
  });

  for (const name of ['HTTP_PROXY', 'http_proxy']) {
    it(`may come from ${name}`, async () => {
      await using proxy = await testProxy();
      assert.equal((await download(address, {}, { [name]: proxy.url })).status, 'saved');
      assert.deepEqual(proxy.asked, [address]);
    });
  }

  it('may be written without a scheme, and one that cannot be is refused by the name of its variable', () => {
    const spec = resolveRunSpec({ sources: ['http://pictures.invalid/'] });
    assert.equal(proxySettings(spec, { HTTP_PROXY: 'proxy.corp:8080' })?.httpProxy, 'http://proxy.corp:8080');
    assert.throws(
      () => proxySettings(spec, { HTTPS_PROXY: 'gopher://me:secret@proxy' }),
      (error: Error) => error instanceof UsageError && /^HTTPS_PROXY is/.test(error.message),
    );
  });

  it('of --proxy goes before that of the environment', async () => {
    await using proxy = await testProxy();
    const { status } = await download(address, { proxy: proxy.url }, { HTTP_PROXY: await closedPort() });
    assert.equal(status, 'saved');
  });

  it('is not asked for what NO_PROXY names', async () => {
    await using proxy = await testProxy();
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: 'other.invalid,pictures.invalid' };
    const { error } = await download('http://pictures.invalid/a.jpg', {}, environment);
    assert.equal(error?.code, 'dns');
    assert.deepEqual(proxy.asked, []);
  });

  it('is never asked for what is on this machine', async () => {
    await using proxy = await testProxy();
    await using server = await testServer((_, response) => void response.end(tinyJpeg));
    for (const host of ['127.0.0.1', 'localhost']) {
      await using downloads = await testDownloads({ proxy: proxy.url });
      const work = workFor(`http://${host}:${server.port}/`, { reach: ['loopback'] });
      assert.equal((await downloads.downloader.download(work)).status, 'saved');
    }
    assert.deepEqual([proxy.asked.length, server.requests.length], [0, 2]);
  });

  it('gets the password of its address, and the server does not', async () => {
    await using proxy = await testProxy({ password: 'me:secret' });
    const { status } = await download(address, { proxy: proxy.url.replace('//', '//me:secret@') });
    assert.equal(status, 'saved');
  });

  it('that wants a password is said so, once, for http and for https', async () => {
    await using proxy = await testProxy({ password: 'me:secret' });
    for (const url of [address, address.replace('http:', 'https:')]) {
      const { error, attempts } = await download(url, { proxy: proxy.url, retries: 3 });
      assert.deepEqual([error?.code, error?.retryable, attempts], ['connect', false, 1], error?.message);
      assert.match(error!.message, /the proxy wants a name and a password/);
    }
  });

  it('tunnels https, which is checked as it would be without', async () => {
    await using plain = await testServer(() => {});
    await using proxy = await testProxy({ tunnelTo: plain.port });
    const { error } = await download('https://pictures.example/a.jpg', { proxy: proxy.url });
    assert.deepEqual(proxy.asked, ['CONNECT pictures.example:443']);
    // Plain HTTP answers at the end of this tunnel.
    assert.equal(error?.code, 'tls');
  });

  it('that refuses a tunnel, or is not there, is a connection that cannot be made', async () => {
    await using proxy = await testProxy();
    const refused = await download('https://pictures.example/a.jpg', { proxy: proxy.url });
    assert.equal(refused.error?.code, 'connect');
    for (const url of [address, address.replace('http:', 'https:')]) {
      const { error } = await download(url, { proxy: await closedPort() });
      assert.equal(error?.code, 'connect', error?.message);
    }
  });

  it('is no way to a private address that is written as one', async () => {
    await using proxy = await testProxy();
    for (const host of ['10.0.0.1', '0xa9fea9fe', '[::ffff:10.0.0.1]', '127.0.0.2']) {
      const { error } = await download(`http://${host}/`, { proxy: proxy.url });
      assert.equal(error?.code, 'forbidden-address', host);
    }
    assert.deepEqual(proxy.asked, []);
  });

  for (const location of ['http://169.254.169.254/', 'http://10.0.0.1/', 'http://127.0.0.1/']) {
    it(`does not help a public server to lead to ${location}, whatever was typed`, async () => {
      await using proxy = await testProxy({ location });
      await using downloads = await testDownloads({ proxy: proxy.url });
      const { error } = await downloads.downloader.download(workFor('http://pictures.example/away'));
      assert.equal(error?.code, 'forbidden-address');
      assert.deepEqual(proxy.asked, ['http://pictures.example/away']);
    });
  }

  it('lets a typed private address lead on within its own range', async () => {
    await using proxy = await testProxy({ location: '/b.jpg' });
    await using downloads = await testDownloads({ proxy: proxy.url });
    assert.equal((await downloads.downloader.download(workFor('http://10.0.0.1/away'))).status, 'saved');
    assert.deepEqual(proxy.asked, ['http://10.0.0.1/away', 'http://10.0.0.1/b.jpg']);
  });
});
