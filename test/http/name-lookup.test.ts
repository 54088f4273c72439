import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import tls from 'node:tls';
import { NameLookup } from '../../src/http/name-lookup.ts';
import { certificate, certificateKey } from '../support/certificate.ts';
import { type DnsServer, dnsServer, type NameRecords } from '../support/dns-server.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { islandHosts, islandResolver, islandServices, onIsland } from '../support/island.ts';
import { needs } from '../support/needs.ts';
import { testServer } from '../support/raw-server.ts';
import { until } from '../support/scratch.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

const open = '93.184.216.34';
const skip = await onIsland(import.meta.filename, [`${open}/32`]);

const setResolver = (text: string) => writeFileSync('/etc/resolv.conf', text);
const setServices = (text: string) => writeFileSync('/etc/nsswitch.conf', text);
const lackingServices = needs(existsSync('/etc/nsswitch.conf'), 'needs nsswitch.conf (glibc)');
const setHosts = (text: string) => writeFileSync('/etc/hosts', text);

describe('looking names up', { skip }, () => {
  let dns: DnsServer;
  before(async () => {
    mock.method(Math, 'random', () => 0);
    dns = await dnsServer();
  });
  after(async () => {
    mock.restoreAll();
    await dns[Symbol.asyncDispose]();
  });
  afterEach(() => {
    setResolver(islandResolver);
    setHosts(islandHosts);
    if (lackingServices === false) setServices(islandServices);
  });

  let turn = 0;
  /** A new name for those records. */
  function named(...records: NameRecords[]): string {
    turn += 1;
    const name = `name${turn}.example`;
    dns.zone[name] = records;
    return name;
  }

  function lookups(
    timeoutMs = 5000,
  ): Disposable & { find(name: string): Promise<string[]>; names: NameLookup } {
    const names = new NameLookup(timeoutMs);
    return {
      names,
      find: async (name) => (await names.lookUp(name)).map(({ address }) => address),
      [Symbol.dispose]: () => names.close(),
    };
  }

  const fails = (code: string) => ({ code });

  describe('a look-up', () => {
    const pictures = (host = '127.0.0.1') => testServer((_, response) => void response.end(tinyJpeg), host);

    it('that nobody answers holds up no other host: twenty are done before the first of twelve is given up', async () => {
      await using server = await pictures();
      await using downloads = await testDownloads({ retries: 1, connectTimeoutMs: 750 });
      const ended: string[] = [];
      const fetch = async (host: string) => {
        const work = workFor(`http://${host}:${server.port}/p.jpg`, {}, { target: `${host}.{ext}` });
        const { status, error, attempts } = await downloads.downloader.download(work);
        ended.push(`${error?.code ?? status} after ${attempts}`);
      };
      const dead = Array.from({ length: 12 }, () => named({ status: 'silence' }));
      const good = Array.from({ length: 20 }, () => named({ a: ['127.0.0.1'] }));
      await Promise.all([...dead, ...good].map(fetch));
      assert.deepEqual(ended, [...good.map(() => 'saved after 1'), ...dead.map(() => 'dns after 2')]);
    });

    it('leaves connecting its whole time', async (t) => {
      // Both take two thirds of it.
      const slow = createServer((socket) => {
        const shake = () =>
          new tls.TLSSocket(socket, { isServer: true, key: certificateKey, cert: certificate });
        setTimeout(shake, 700).unref();
        socket.on('error', () => {});
      }).listen(0, '127.0.0.1');
      t.after(() => slow.close());
      await once(slow, 'listening');
      await using downloads = await testDownloads({ retries: 0, connectTimeoutMs: 1000 });
      const name = named({ a: ['127.0.0.1'], delayMs: 700 });
      const url = `https://${name}:${(slow.address() as AddressInfo).port}/`;
      const { error } = await downloads.downloader.download(workFor(url));
      // Its certificate is for another name: so it did shake hands.
      assert.equal(error?.code, 'tls', error?.message);
    });

    it('may be given a month: a --connect-timeout that no timer can hold', async () => {
      await using server = await pictures();
      await using downloads = await testDownloads({ retries: 0, connectTimeoutMs: 30 * 86_400_000 });
      const url = `http://${named({ a: ['127.0.0.1'], delayMs: 50 })}:${server.port}/p.jpg`;
      const { status, error } = await downloads.downloader.download(workFor(url));
      assert.equal(status, 'saved', error?.message);
    });

    it('is given up at once when everything is closed, in line too', async () => {
      const { names } = lookups();
      const all = Array.from({ length: 150 }, () => names.lookUp(named({ status: 'silence' })));
      names.close();
      const ended = await Promise.allSettled(all);
      assert.ok(ended.every((it) => it.status === 'rejected' && it.reason.code === 'ECANCELLED'));
      assert.deepEqual(
        process.getActiveResourcesInfo().filter((it) => /query|addrinfo/i.test(it)),
        [],
      );
    });

    it('waits in line where a hundred are under way, and its time begins when it is its turn', async () => {
      using lookup = lookups(1000);
      const dead = Array.from({ length: 100 }, () => named({ status: 'silence' }));
      const given = dead.map((name) => assert.rejects(lookup.find(name), fails('ETIMEOUT')));
      const slow = named({ a: [open], delayMs: 500 });
      const found = lookup.find(slow);
      await until(() => dead.every((name) => dns.lookUps(name) > 0));
      assert.deepEqual([dns.lookUps(slow), lookup.names.isPending(slow)], [0, true]);
      await Promise.all(given);
      assert.deepEqual(await found, [open]);
    });
  });

  describe('an answer', () => {
    it('is shared by all who ask for it meanwhile', async () => {
      using lookup = lookups();
      const name = named({ a: [open], delayMs: 50 });
      const found = await Promise.all(Array.from({ length: 50 }, () => lookup.find(name)));
      assert.deepEqual(new Set(found.flat()), new Set([open]));
      assert.equal(dns.lookUps(name), 1);
    });

    it('that says try again is shared, but not kept', async () => {
      using lookup = lookups();
      const name = named({ status: 'SERVFAIL' }, { a: [open] });
      const both = [lookup.find(name), lookup.find(name)];
      for (const it of both) await assert.rejects(it, fails('ESERVFAIL'));
      assert.deepEqual([await lookup.find(name), dns.lookUps(name)], [[open], 2]);
    });

    for (const [ttlSeconds, keptMs] of [
      [0, 0],
      [5, 5000],
      [86_400, 60_000],
    ] as const) {
      it(`with a time to live of ${ttlSeconds} s is kept for ${keptMs / 1000} s`, async (t) => {
        using lookup = lookups();
        const name = named({ a: [open], ttlSeconds }, { a: ['192.0.2.1'] });
        let now = performance.now();
        t.mock.method(performance, 'now', () => now);
        assert.deepEqual(await lookup.find(name), [open]);
        if (keptMs > 0) {
          now += keptMs - 1;
          assert.deepEqual([await lookup.find(name), dns.lookUps(name)], [[open], 1]);
          now += 1;
        }
        assert.deepEqual([await lookup.find(name), dns.lookUps(name)], [['192.0.2.1'], 2]);
      });
    }

    it('is kept for ten thousand names, then the oldest goes', async () => {
      using lookup = lookups();
      const all = Array.from({ length: 10_001 }, () => named({ a: [open], ttlSeconds: 60 }));
      for (let at = 0; at < all.length; at += 100)
        await Promise.all(all.slice(at, at + 100).map(lookup.find));
      const [first, second] = all as [string, string];
      await lookup.find(second);
      await lookup.find(first);
      assert.deepEqual([dns.lookUps(second), dns.lookUps(first)], [1, 2]);
    });

    it('that was kept is judged anew by who may connect to it', async () => {
      await using server = await testServer((_, response) => {
        response.setHeader('Connection', 'close');
        response.end(tinyJpeg);
      });
      await using downloads = await testDownloads({ retries: 0 });
      const name = named({ a: ['127.0.0.1'], ttlSeconds: 60 });
      const fetch = (item = {}) =>
        downloads.downloader.download(workFor(`http://${name}:${server.port}/p.jpg`, item));
      assert.equal((await fetch()).status, 'saved');
      assert.equal((await fetch({ reach: [] })).error?.code, 'forbidden-address');
      assert.deepEqual([server.connections, dns.lookUps(name)], [1, 1]);
    });

    it('of one family is enough where the other fails', async () => {
      using lookup = lookups();
      const name = named({ a: [open], status: { aaaa: 'SERVFAIL' } });
      assert.deepEqual(await lookup.find(name), [open]);
      assert.deepEqual(await lookup.find(named({ aaaa: ['2001:db8::1'], status: { a: 'REFUSED' } })), [
        '2001:db8::1',
      ]);
    });

    it('of one family is enough where the other is silent, and is not kept', async () => {
      using lookup = lookups(60_000);
      const name = named({ a: [open], ttlSeconds: 60, status: { aaaa: 'silence' } });
      const begun = performance.now();
      assert.deepEqual(await lookup.find(name), [open]);
      assert.deepEqual([await lookup.find(name), dns.lookUps(name)], [[open], 2]);
      // Far less than the time after which a question counts as not answered.
      assert.ok(performance.now() - begun < 3000);
    });

    it('of no addresses is no such name only where neither question says try again', async () => {
      using lookup = lookups();
      await assert.rejects(lookup.find(named({ status: { a: 'SERVFAIL' } })), fails('ESERVFAIL'));
      await assert.rejects(lookup.find(named({ status: { aaaa: 'SERVFAIL' } })), fails('ESERVFAIL'));
      await assert.rejects(lookup.find(named({ status: 'NXDOMAIN' })), fails('ENOTFOUND'));
      await assert.rejects(lookup.find(named({})), fails('ENODATA'));
      await assert.rejects(lookup.find('two..dots.example'), fails('ENOTFOUND'));
    });

    it('that comes late counts, though it was asked for again meanwhile', async () => {
      using lookup = lookups(1000);
      const name = named({ a: [open], delayMs: 800 });
      assert.deepEqual(await lookup.find(name), [open]);
      assert.ok(dns.lookUps(name) > 1);
    });

    it('is had of the second name server where the first is silent', async () => {
      await using second = await dnsServer({}, '127.0.0.2');
      setResolver(islandResolver.replace('\n', '\nnameserver 127.0.0.2\n'));
      using lookup = lookups(2000);
      const name = named({ status: 'silence' });
      second.zone[name] = { a: [open] };
      assert.deepEqual([await lookup.find(name), dns.lookUps(name)], [[open], 1]);
    });

    it('is had of the second name server where the first refuses', async () => {
      await using second = await dnsServer({}, '127.0.0.2');
      setResolver(islandResolver.replace('\n', '\nnameserver 127.0.0.2\n'));
      using lookup = lookups();
      for (const status of ['REFUSED', 'SERVFAIL'] as const) {
        const name = named({ status });
        second.zone[name] = { a: [open] };
        assert.deepEqual(await lookup.find(name), [open]);
      }
    });
  });

  describe('the hosts file', () => {
    it('comes before DNS, and is read again when it changes', async () => {
      using lookup = lookups();
      const name = named({ a: ['192.0.2.1'], ttlSeconds: 60 });
      assert.deepEqual(await lookup.find(name), ['192.0.2.1']);
      setHosts(`${islandHosts}${open} ${name}\n`);
      assert.deepEqual(await lookup.find(name), [open]);
      setHosts(islandHosts);
      assert.deepEqual([await lookup.find(name), dns.lookUps(name)], [['192.0.2.1'], 1]);
    });

    it('may have names that DNS does not know, several on a line, and on several lines', async () => {
      using lookup = lookups();
      setHosts(
        [
          '# 192.0.2.9 only.example',
          '\t192.0.2.1\tOther.Example  ONLY.example\t# twice.example\r',
          'not-an-address only.example',
          '192.0.2.8 not-only.example only.example.com',
          '2001:db8::1 only.example twice.example twice.example',
        ].join('\n'),
      );
      assert.deepEqual(await lookup.find('only.example'), ['192.0.2.1', '2001:db8::1']);
      assert.deepEqual(await lookup.find('only.example.'), ['192.0.2.1', '2001:db8::1']);
      assert.deepEqual(await lookup.find('other.example'), ['192.0.2.1']);
      assert.deepEqual(await lookup.find('twice.example'), ['2001:db8::1']);
      await assert.rejects(lookup.find('nly.example'), fails('ENOTFOUND'));
      assert.equal(dns.lookUps('only.example'), 0);
    });

    it('may be a list of a hundred thousand blocked hosts, or rubbish', async () => {
      using lookup = lookups();
      const blocked = Array.from({ length: 100_000 }, (_, at) => `0.0.0.0 ads${at}.example`);
      setHosts(blocked.join('\n'));
      assert.deepEqual(await lookup.find('ads99999.example'), ['0.0.0.0']);
      const name = named({ a: [open] });
      // Both longer than what is read of a line, and of the file.
      setHosts(
        `192.0.2.1 ${'x'.repeat(10_000)} ${name}\n192.0.2.1 ${'\0'.repeat(17_000_000)}\n192.0.2.1 ${name}\n`,
      );
      assert.deepEqual(await lookup.find(name), [open]);
    });

    it('need not have localhost, nor any name below it: that is the loopback', async () => {
      using lookup = lookups();
      setHosts('');
      for (const name of ['localhost', 'localhost.', 'pictures.localhost']) {
        assert.deepEqual(await lookup.find(name), ['127.0.0.1', '::1']);
        assert.equal(dns.lookUps(name), 0);
      }
      setHosts('192.0.2.1 pictures.localhost\n');
      assert.deepEqual(await lookup.find('pictures.localhost'), ['192.0.2.1']);
    });
  });

  describe('the system is asked', () => {
    it('for a name without a dot, which it may complete', async () => {
      setResolver(islandResolver.replace('search .', 'search inside.example'));
      using lookup = lookups();
      dns.zone['pictures.inside.example'] = { a: [open] };
      assert.deepEqual(await lookup.find('pictures'), [open]);
    });

    it('where DNS does not know a name that it may complete', async () => {
      setResolver(islandResolver.replace('search .', 'search inside.example'));
      using lookup = lookups();
      const name = named({ status: 'NXDOMAIN' });
      dns.zone[`${name}.inside.example`] = { a: [open] };
      assert.deepEqual(await lookup.find(name), [open]);
      await assert.rejects(lookup.find(`${name}.`), fails('ENOTFOUND'));
    });

    it('where DNS does not know a name, and there are other name services', {
      skip: lackingServices,
    }, async () => {
      using lookup = lookups();
      const records = [{ status: 'NXDOMAIN' as const }, { a: [open] }];
      await assert.rejects(lookup.find(named(...records)), fails('ENOTFOUND'));
      // The last is not installed. That the system asks DNS once more shows that it was asked.
      setServices('hosts: files mdns4_minimal [NOTFOUND=return] dns gallop\n');
      assert.deepEqual(await lookup.find(named(...records)), [open]);
    });

    it('before DNS where it completes names with that many dots first', async () => {
      setResolver(`${islandResolver.replace('search .', 'search inside.example')}options ndots:2\n`);
      using lookup = lookups();
      const name = named({ a: ['192.0.2.1'] });
      dns.zone[`${name}.inside.example`] = { a: [open] };
      assert.deepEqual(await lookup.find(name), [open]);
      assert.deepEqual(await lookup.find(`${name}.`), ['192.0.2.1']);
    });

    it('where there is no name server to be asked', async () => {
      setResolver('nameserver 127.0.0.3\n');
      using lookup = lookups();
      const found = lookup.find(named({ a: [open] }));
      // The system looks for its servers when it is asked, which is after that.
      setResolver(islandResolver);
      assert.deepEqual(await found, [open]);
    });
  });
});
