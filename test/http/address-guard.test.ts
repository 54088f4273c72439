import assert from 'node:assert/strict';
import dns from 'node:dns';
import net, { type LookupFunction } from 'node:net';
import { describe, it } from 'node:test';
import type { AddressRange } from '../../src/core/item.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

const server = () =>
  testServer((request, response) => {
    const to = new URL(request.url!, 'http://x').searchParams.get('to');
    if (to === null) response.end(tinyJpeg);
    else response.writeHead(302, { location: to }).end();
  });

describe('what a public listing names cannot reach this machine', { concurrency: true }, () => {
  const hosts = ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.2', '0.0.0.0'];
  for (const host of [...hosts, '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', 'localhost']) {
    it(`as ${host}`, async () => {
      await using origin = await server();
      await using downloads = await testDownloads();
      const url = `http://${host}:${origin.port}/p.jpg`;
      const { error, attempts } = await downloads.downloader.download(workFor(url, { reach: [] }));
      assert.deepEqual([error?.code, attempts], ['forbidden-address', 1], error?.message);
      assert.equal(origin.connections, 0);
    });
  }

  for (const host of ['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '100.100.100.200', '10.0.0.1']) {
    it(`nor ${host}, of which nothing private was allowed`, async () => {
      await using downloads = await testDownloads();
      const work = workFor(`http://${host}/latest/meta-data`, { reach: ['loopback'] });
      assert.equal((await downloads.downloader.download(work)).error?.code, 'forbidden-address');
    });
  }
});

describe('what the user typed', { concurrency: true }, () => {
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0.0.0.0', '[::ffff:127.0.0.1]']) {
    it(`may be this machine: ${host}`, async () => {
      await using origin = await server();
      await using downloads = await testDownloads();
      const { status, error } = await downloads.downloader.download(
        workFor(`http://${host}:${origin.port}/`),
      );
      assert.equal(status, 'saved', error?.message);
    });
  }

  it('may lead on to other ports and names of the loopback', async () => {
    await using first = await server();
    await using second = await server();
    await using downloads = await testDownloads();
    const url = `${first.url}/?to=${encodeURIComponent(`http://localhost:${second.port}/`)}`;
    assert.equal((await downloads.downloader.download(workFor(url))).status, 'saved');
    assert.deepEqual(second.paths(), ['/']);
  });

  for (const to of [
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
    'http://[fe80::1]/',
    'http://0xa9fea9fe/',
  ]) {
    it(`may not lead from the loopback to ${to}`, async () => {
      await using origin = await server();
      await using downloads = await testDownloads();
      const url = `${origin.url}/?to=${encodeURIComponent(to)}`;
      const { error } = await downloads.downloader.download(workFor(url));
      assert.equal(error?.code, 'forbidden-address');
    });
  }
});

describe('--allow-private', () => {
  it('lets a public listing lead to this machine', async () => {
    await using origin = await server();
    await using downloads = await testDownloads({ allowPrivate: true });
    const { status } = await downloads.downloader.download(workFor(origin.url, { reach: [] }));
    assert.equal(status, 'saved');
  });

  it('does not open link-local addresses: those have to be typed', async () => {
    await using downloads = await testDownloads({ allowPrivate: true });
    const work = workFor('http://169.254.169.254/', { reach: [] });
    assert.equal((await downloads.downloader.download(work)).error?.code, 'forbidden-address');
  });
});

it('a connection that one item may use is not lent to another that may not', async () => {
  await using origin = await server();
  await using downloads = await testDownloads();
  const get = (reach: AddressRange[]) => downloads.downloader.download(workFor(origin.url, { reach }));
  assert.equal((await get(['loopback'])).status, 'saved');
  assert.equal((await get([])).error?.code, 'forbidden-address');
  assert.equal((await get(['private'])).error?.code, 'forbidden-address');
  assert.equal((await get(['loopback'])).status, 'saved');
  assert.deepEqual([origin.connections, origin.requests.length], [1, 2]);
});

// Without a dot it is the system's to look up, with no name server.
it('a name is judged by the addresses that it resolves to when it is connected to', async (t) => {
  await using origin = await server();
  await using downloads = await testDownloads();
  const lookup: LookupFunction = (_, options, callback) => {
    assert.equal(options.all, true);
    callback(null, [
      { address: '169.254.169.254', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
  };
  t.mock.method(dns, 'lookup', lookup);
  const url = `http://pictures:${origin.port}/`;
  const refused = await downloads.downloader.download(workFor(url, { reach: ['private'] }));
  assert.equal(refused.error?.code, 'forbidden-address');
  assert.equal(origin.connections, 0);
  // Of several addresses those are taken that may be reached.
  const allowed = await downloads.downloader.download(workFor(url, { reach: ['loopback'] }));
  assert.equal(allowed.status, 'saved', allowed.error?.message);
});

it('the address that a socket came out at counts, whatever was looked up', async (t) => {
  await using origin = await server();
  await using downloads = await testDownloads();
  const lookup: LookupFunction = (_, __, callback) =>
    callback(null, [{ address: '93.184.216.34', family: 4 }]);
  t.mock.method(dns, 'lookup', lookup);
  const { connect } = net;
  const detour = (options: net.TcpNetConnectOpts) => {
    const { lookup: _, ...rest } = options;
    return connect({ ...rest, host: '127.0.0.1' });
  };
  t.mock.method(net, 'connect', detour as typeof connect);
  const url = `http://pictures:${origin.port}/`;
  const { error } = await downloads.downloader.download(workFor(url, { reach: [] }));
  assert.equal(error?.code, 'forbidden-address');
  assert.deepEqual([origin.connections, origin.requests.length], [1, 0]);
});

describe('names that cannot be looked up', () => {
  const failing = (code: string): LookupFunction => {
    return (host, _, callback) =>
      callback(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code }), [], 0);
  };
  for (const [code, attempts] of [
    ['ENOTFOUND', 1],
    ['EAI_AGAIN', 3],
  ] as const) {
    it(`${code}: ${attempts} tries`, async (t) => {
      t.mock.method(Math, 'random', () => 0);
      t.mock.method(dns, 'lookup', failing(code));
      await using downloads = await testDownloads({ retries: 2 });
      const outcome = await downloads.downloader.download(workFor('http://pictures/a.jpg'));
      assert.deepEqual([outcome.error?.code, outcome.attempts], ['dns', attempts]);
    });
  }
});
