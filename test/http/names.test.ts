import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { download } from '../../src/index.ts';
import { type DnsServer, dnsServer, type NameRecords } from '../support/dns-server.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { onIsland } from '../support/island.ts';
import { scratch } from '../support/scratch.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

/** Public, both of them; and of each kind of address that is not, one on which a server could be reached. */
const open = '93.184.216.34';
const openIpv6 = '2606:2800:220:1::1';
const skip = await onIsland(import.meta.filename, [
  ...[`${open}/32`, '10.0.0.5/32', '100.64.0.5/32', '169.254.169.254/32', '100.100.100.200/32'],
  ...[`${openIpv6}/128`, 'fd00::5/128', '64:ff9b::7f00:1/128', '64:ff9b:1::7f00:1/128', '2002:7f00:1::/128'],
  ...['2001:0:7f00:1::/128', 'fd00:ec2::254/128', 'fec0::5/128'],
]);

/** Listens at every address of the island, and writes down which of them was connected to. */
let server: Awaited<ReturnType<typeof everywhere>>;
let dns: DnsServer;

async function everywhere() {
  const found = {
    /** Of connections, in turn. */
    addresses: [] as string[],
    paths: [] as string[],
    port: 0,
    answer: (_: IncomingMessage, response: ServerResponse) => void response.end(tinyJpeg),
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  const http = createServer((request, response) => {
    found.paths.push(request.url!);
    // A connection for each: every request looks its name up.
    response.setHeader('Connection', 'close');
    found.answer(request, response);
  });
  http.on('connection', (socket) => found.addresses.push(socket.localAddress!.replace('::ffff:', '')));
  http.listen(0, '::');
  await once(http, 'listening');
  found.port = (http.address() as AddressInfo).port;
  return found;
}

describe('names, asked of a resolver', { skip }, () => {
  before(async () => {
    // No back-off: how long it is, is proved elsewhere.
    mock.method(Math, 'random', () => 0);
    [server, dns] = await Promise.all([everywhere(), dnsServer()]);
  });
  after(async () => {
    mock.restoreAll();
    await Promise.all([server.close(), dns[Symbol.asyncDispose]()]);
  });
  beforeEach(() => {
    server.addresses = [];
    server.paths = [];
    server.answer = (_, response) => void response.end(tinyJpeg);
  });

  let turn = 0;
  /** A new name for those records. */
  function named(...records: NameRecords[]): string {
    turn += 1;
    const name = `host${turn}.example`;
    dns.zone[name] = records;
    return name;
  }

  /** What an item of a public listing comes to at such a host. */
  async function fetched(
    host: string,
    {
      port = server.port,
      ...spec
    }: { port?: number; retries?: number; allowPrivate?: boolean; connectTimeoutMs?: number } = {},
  ) {
    await using downloads = await testDownloads({ retries: 2, ...spec });
    const work = workFor(`http://${host}:${port}/p.jpg`, { reach: [] });
    const { status, error, attempts } = await downloads.downloader.download(work);
    return { status, code: error?.code, message: error?.message, attempts, files: downloads.files() };
  }

  async function isForbidden(host: string, spec = {}, attempts = 1): Promise<void> {
    const found = await fetched(host, spec);
    assert.deepEqual(
      [found.code, found.attempts, found.files],
      ['forbidden-address', attempts, []],
      found.message,
    );
  }

  describe('a name that resolves to several addresses', () => {
    it('is connected to at the public ones alone', async () => {
      const a = ['127.0.0.1', '10.0.0.5', '169.254.169.254', open];
      for (let rotated = 0; rotated < a.length; rotated += 1) {
        a.push(a.shift()!);
        const found = await fetched(named({ a: [...a], aaaa: ['::1', 'fd00::5', '::ffff:127.0.0.1'] }));
        assert.equal(found.status, 'saved', found.message);
      }
      assert.deepEqual(server.addresses, [open, open, open, open]);
    });

    it('is not connected to at a private one where the public one does not answer', async () => {
      const found = await fetched(named({ a: ['9.9.9.9', '127.0.0.1', '10.0.0.5'] }));
      assert.deepEqual([found.code, found.attempts], ['connect', 3], found.message);
      assert.deepEqual(server.addresses, []);
    });

    it('is reached at the second public one where the first does not answer', async () => {
      const found = await fetched(named({ a: ['8.8.4.4', open] }));
      assert.deepEqual([found.status, found.attempts], ['saved', 1], found.message);
    });

    it('fails where all are private', async () => {
      await isForbidden(named({ a: ['127.0.0.1', '10.0.0.5'], aaaa: ['::1'] }));
      assert.deepEqual(server.addresses, []);
    });
  });

  describe('a name that changes between look-ups', () => {
    const inner = ['127.0.0.1', '10.0.0.5', '169.254.169.254'];

    it('is looked up once for a connection: what it changes to after the check is not connected to', async () => {
      const name = named({ a: [open] }, { a: ['127.0.0.1'] });
      const found = await fetched(name);
      assert.equal(found.status, 'saved', found.message);
      assert.deepEqual([dns.lookUps(name), server.addresses], [1, [open]]);
    });

    for (const address of inner) {
      it(`is judged anew on the next try: ${address}`, async () => {
        const name = named({ a: [open] }, { a: [address] });
        server.answer = (request) => void request.socket.resetAndDestroy();
        await isForbidden(name, {}, 2);
        assert.deepEqual([dns.lookUps(name), server.addresses], [2, [open]]);
      });

      it(`is judged anew on the next hop of a redirect: ${address}`, async () => {
        const name = named({ a: [open] }, { a: [address] });
        server.answer = (_, response) => void response.writeHead(302, { Location: '/secret' }).end();
        await isForbidden(name);
        assert.deepEqual([dns.lookUps(name), server.paths], [2, ['/p.jpg']]);
      });

      it(`is judged anew for the items of a listing: ${address}`, async () => {
        const name = named({ a: [open] }, { a: [address] });
        const url = `http://${name}:${server.port}`;
        server.answer = (_, response) => {
          const image = { id: 'abcdefg', link: `${url}/abcdefg.jpg`, type: 'image/jpeg', size: 100 };
          const data = { id: 'Albumid', images_count: 1, images: [image] };
          response.setHeader('Content-Type', 'application/json');
          response.end(JSON.stringify({ data, success: true, status: 200 }));
        };
        using place = scratch();
        const outcomes = [];
        const run = download(['imgur:Albumid'], {
          dir: place.path,
          strategy: 'async',
          imgurApi: url,
          environment: { CLIENT_ID: 'x' },
          retries: 1,
        });
        for await (const event of run) if (event.event === 'outcome') outcomes.push(event);
        assert.deepEqual(
          outcomes.map(({ error, attempts }) => [error?.code, attempts]),
          [['forbidden-address', 1]],
        );
        assert.deepEqual(server.addresses, [open]);
      });
    }
  });

  describe('DNS failure', () => {
    it('no such name: failed at once', async () => {
      const name = named({ status: 'NXDOMAIN' });
      const found = await fetched(name);
      assert.deepEqual([found.code, found.attempts, dns.lookUps(name)], ['dns', 1, 1], found.message);
    });

    it('a name without addresses: failed at once', async () => {
      const name = named({});
      const found = await fetched(name);
      assert.deepEqual([found.code, found.attempts, dns.lookUps(name)], ['dns', 1, 1], found.message);
    });

    for (const status of ['SERVFAIL', 'REFUSED'] as const) {
      it(`try again (${status}): retried`, async () => {
        const name = named({ status });
        const found = await fetched(name);
        assert.deepEqual([found.code, found.attempts, dns.lookUps(name)], ['dns', 3, 3], found.message);
      });
    }

    it('no answer: retried', async () => {
      const name = named({ status: 'silence' });
      const found = await fetched(name, { retries: 1, connectTimeoutMs: 300 });
      assert.deepEqual([found.code, found.attempts], ['dns', 2], found.message);
      assert.match(found.message!, /did not answer/);
      // Each look-up asks again by itself.
      assert.ok(dns.lookUps(name) >= 2);
    });

    it('one that passes is gone with the next try', async () => {
      const found = await fetched(named({ status: 'SERVFAIL' }, { a: [open] }));
      assert.deepEqual([found.status, found.attempts], ['saved', 2], found.message);
    });
  });

  describe('IPv6', () => {
    it('a name with IPv6 addresses alone is reached', async () => {
      const found = await fetched(named({ aaaa: [openIpv6] }));
      assert.equal(found.status, 'saved', found.message);
      assert.deepEqual(server.addresses, [openIpv6]);
    });

    const carriers = {
      'IPv4-mapped': '::ffff:127.0.0.1',
      'IPv4-mapped, private': '::ffff:10.0.0.5',
      'IPv4-mapped, metadata': '::ffff:169.254.169.254',
      'IPv4-compatible': '::127.0.0.1',
      NAT64: '64:ff9b::7f00:1',
      'NAT64 of a local prefix': '64:ff9b:1::7f00:1',
      '6to4': '2002:7f00:1::',
      Teredo: '2001:0:7f00:1::',
      loopback: '::1',
      unspecified: '::',
      'unique local': 'fd00::5',
      'metadata over IPv6': 'fd00:ec2::254',
      'site-local': 'fec0::5',
      'link-local': 'fe80::5',
    };
    for (const [what, address] of Object.entries(carriers)) {
      it(`is forbidden at ${address} (${what})`, async () => {
        await isForbidden(named({ aaaa: [address] }));
        assert.deepEqual(server.addresses, []);
      });
    }

    it('an IPv4-mapped public address is public', async () => {
      const found = await fetched(named({ aaaa: [`::ffff:${open}`] }));
      assert.equal(found.status, 'saved', found.message);
      assert.deepEqual(server.addresses, [open]);
    });
  });

  describe('an alias', () => {
    it('to a private name is judged by where it ends', async () => {
      const inner = named({ a: ['10.0.0.5'] });
      await isForbidden(named({ cname: inner }));
      await isForbidden(named({ cname: named({ cname: inner }) }));
      assert.deepEqual(server.addresses, []);
    });

    it('to a public name is followed', async () => {
      const found = await fetched(named({ cname: named({ a: [open] }) }));
      assert.equal(found.status, 'saved', found.message);
    });

    for (const decimal of ['2130706433', '0x7f000001', '127.0.0.1', '127.1']) {
      it(`to a name that looks like an address, ${decimal}, is no address`, async () => {
        delete dns.zone[decimal];
        const found = await fetched(named({ cname: decimal }));
        assert.deepEqual([found.code, found.attempts], ['dns', 1], found.message);
        dns.zone[decimal] = { a: ['127.0.0.1'] };
        await isForbidden(named({ cname: decimal }));
        assert.deepEqual(server.addresses, []);
      });
    }
  });

  describe('--allow-private', () => {
    const reachable = {
      loopback: { a: ['127.0.0.1'] },
      private: { a: ['10.0.0.5'] },
      'carrier-grade NAT': { a: ['100.64.0.5'] },
      'loopback, IPv6': { aaaa: ['::1'] },
      'unique local': { aaaa: ['fd00::5'] },
      'IPv4-mapped': { aaaa: ['::ffff:127.0.0.1'] },
      NAT64: { aaaa: ['64:ff9b::7f00:1'] },
      '6to4': { aaaa: ['2002:7f00:1::'] },
    };
    for (const [what, records] of Object.entries(reachable)) {
      it(`lets a public listing lead to a name with an address that is ${what}, and only so`, async () => {
        const name = named(records);
        await isForbidden(name);
        const found = await fetched(name, { allowPrivate: true });
        assert.equal(found.status, 'saved', found.message);
        assert.equal(server.addresses.length, 1);
      });
    }

    for (const records of [
      { a: ['169.254.169.254'] },
      { a: ['100.100.100.200'] },
      { aaaa: ['::ffff:169.254.169.254'] },
      { aaaa: ['fd00:ec2::254'] },
      { aaaa: ['64:ff9b:1::7f00:1'] },
      { aaaa: ['2001:0:7f00:1::'] },
    ] as NameRecords[]) {
      it(`does not open ${JSON.stringify(records)}: metadata, and what is reserved`, async () => {
        await isForbidden(named(records), { allowPrivate: true });
        assert.deepEqual(server.addresses, []);
      });
    }

    it('keeps a name that changes within what it allows', async () => {
      const name = named({ a: ['10.0.0.5'] }, { a: ['169.254.169.254'] });
      server.answer = (request) => void request.socket.resetAndDestroy();
      await isForbidden(name, { allowPrivate: true }, 2);
      assert.deepEqual(server.addresses, ['10.0.0.5']);
    });
  });

  it('what the user typed may be a name of a private address, and leads on within that range alone', async () => {
    const [inner, loop] = [named({ a: ['10.0.0.5'] }), named({ a: ['127.0.0.1'] })];
    await using downloads = await testDownloads({ retries: 0 });
    const typed = workFor(`http://${inner}:${server.port}/p.jpg`);
    assert.equal((await downloads.downloader.download(typed)).status, 'saved');
    const location = `http://${loop}:${server.port}/secret`;
    server.answer = (_, response) => void response.writeHead(302, { Location: location }).end();
    const { error } = await downloads.downloader.download(typed);
    assert.equal(error?.code, 'forbidden-address', error?.message);
    assert.deepEqual(server.addresses, ['10.0.0.5', '10.0.0.5']);
  });

  describe('a host that cannot be connected to is tried again, then failed as connect', () => {
    const rows: [what: string, address: string, reason: RegExp][] = [
      ['refused', open, /refused/],
      ['host unreachable', '9.9.9.9', /unreachable/],
      ['network unreachable', '8.8.4.4', /unreachable/],
    ];
    for (const [what, address, reason] of rows) {
      it(what, async () => {
        const found = await fetched(named({ a: [address] }), { port: 9 });
        assert.deepEqual([found.code, found.attempts], ['connect', 3], found.message);
        assert.match(found.message!, reason);
      });
    }
  });
});
