import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { Conditions } from '../../src/origin/conditions.ts';
import { makeHosts } from '../../src/origin/hosts.ts';
import { defaultOriginOptions, instantNetwork, type OriginOptions } from '../../src/origin/options.ts';
import { startOrigin } from '../../src/origin/origin.ts';
import { album, fetchAll, statsOf } from './fetching.ts';

const onLinux = { skip: process.platform === 'linux' ? false : 'only Linux has all of 127.0.0.0/8' };

test(
  'pictures are spread over the hosts in turn, and each host has a knee of its own',
  onLinux,
  async (t) => {
    const { origin, links } = await album(t, { images: 10, hosts: 5, knee: 1, rttMs: 150 });
    const names = links.map((link) => new URL(link).hostname);
    const expected = [1, 2, 3, 4, 5].map((n) => `127.0.0.${n}`);
    assert.deepEqual(names, [...expected, ...expected]);
    const { fetched } = await fetchAll(t, links, 10);
    const statuses = fetched.map(({ status }) => status);
    assert.deepEqual(statuses.slice().sort(), [200, 200, 200, 200, 200, 429, 429, 429, 429, 429]);
    const { peakInFlight, peakHostInFlight } = await statsOf(origin);
    assert.deepEqual([peakInFlight, peakHostInFlight], [10, 2]);
  },
);

test(
  'one host does not answer in the name of a stranger, and any of them in that of each other',
  onLinux,
  async (t) => {
    const { links } = await album(t, { images: 2, hosts: 2 });
    const port = new URL(links[0]!).port;
    const answer = await fetch(`http://127.0.0.2:${port}/stats`);
    assert.equal(answer.status, 200);
    const foreign = await fetch(links[1]!, { headers: { Referer: 'http://example.com/' } });
    assert.equal(foreign.status, 403);
    await assert.rejects(fetch(`http://127.0.0.3:${port}/stats`), 'no other address is listened on');
  },
);

const hostsOf = (given: Partial<OriginOptions>) => {
  const options = { ...defaultOriginOptions, hosts: 300, ...given };
  const conditions = new Conditions(options, () => 0);
  return makeHosts(options, conditions, () => 0);
};

test('hosts are up to so much faster or slower, each in its own way, the same for the same seed', () => {
  const hosts = hostsOf({ hostSpread: 4, rttMs: 40, connectionBytesPerSecond: 1_000_000 });
  const rtts = hosts.map(({ rttMs }) => rttMs);
  assert.ok(Math.min(...rtts) >= 10 && Math.min(...rtts) < 15 && Math.max(...rtts) <= 160);
  assert.ok(Math.max(...rtts) > 130);
  const rates = hosts.map((host) => host.connectionBytesPerSecond!);
  assert.ok(Math.min(...rates) >= 250_000 && Math.max(...rates) <= 4_000_000);
  const thinks = hosts.map((host) => host.serviceMs(60));
  assert.ok(new Set(thinks.map((ms, i) => ms / rtts[i]!)).size > 290);
  assert.deepEqual(
    hostsOf({ hostSpread: 4, rttMs: 40 }).map(({ rttMs }) => rttMs),
    rtts,
  );
  assert.ok(hostsOf({ rttMs: 40 }).every(({ rttMs }) => rttMs === 40));
  assert.equal(new Set(hosts.map(({ address }) => address)).size, 300);
  assert.equal(hosts[250]!.address, '127.0.1.1');
});

test(
  'a port that another program has on one of the addresses is told, and nothing listens then',
  onLinux,
  async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.2', resolve));
    t.after(() => other.close());
    const { port } = other.address() as { port: number };
    const options = { ...instantNetwork, images: 1, bytes: 3000, hosts: 3, port };
    await assert.rejects(
      startOrigin(options),
      (error) => error instanceof UsageError && /another program/.test(error.message),
    );
    await assert.rejects(fetch(`http://127.0.0.1:${port}/stats`));
  },
);
