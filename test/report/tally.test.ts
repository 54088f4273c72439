import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EvenSample } from '../../src/report/even-sample.ts';
import { byteEdges, Histogram } from '../../src/report/histogram.ts';
import { Tally } from '../../src/report/tally.ts';
import { TimeBins } from '../../src/report/time-bins.ts';
import { heapInUse } from '../support/heap.ts';
import { failed, reportOf, row, startMs } from './rows.ts';

it('items are counted by how they ended, bytes as they are stored and as they were received', () => {
  const original = { bytes: 9000, sha256: 'ab', mime: 'image/png', width: 900, height: 600 };
  const report = reportOf([
    row(1),
    row(2, { picture: { original } }),
    row(3, { status: 'changed' }),
    failed(4),
    row(5, { status: 'skipped', path: null, bytes: 0, skip: { code: 'mime', message: 'a gif' } }),
    row(6, { status: 'claimed', path: null, bytes: 0, endedMs: null }),
  ]);
  const { items, saved, changed, failed: lost, skipped, open, bytes, receivedBytes } = report;
  assert.deepEqual([items, saved, changed, lost, skipped, open], [6, 2, 1, 1, 1, 1]);
  assert.deepEqual([bytes, receivedBytes], [4500, 12_000]);
  assert.deepEqual(report.formats, [{ mime: 'image/jpeg', files: 3, bytes: 4500 }]);
  assert.deepEqual(report.sizes, [{ from: 1000, below: 2000, files: 3 }]);
  assert.deepEqual(report.pixels, [{ from: 256, below: 512, files: 3 }]);
  assert.deepEqual(
    report.skips.map(({ code, items: count, hint }) => [code, count, hint]),
    [['mime', 1, null]],
  );
});

it('failures are told by code, the most frequent first, with what helps and evenly spaced examples', () => {
  const { failures } = reportOf([
    ...Array.from({ length: 100 }, (_, n) => failed(n)),
    failed(100, { errorCode: 'constructor', error: null }),
    ...[101, 102].map((n) => failed(n, { errorCode: 'timeout' })),
  ]);
  assert.deepEqual(
    failures.map(({ code, items, hint }) => [code, items, hint]),
    [
      ['not-found', 100, 'it is gone: nothing to be done'],
      ['timeout', 2, 'raise --timeout, or ask for fewer at once with -c'],
      ['constructor', 1, null],
    ],
  );
  const numbers = failures[0]!.examples.map(({ url }) => Number(/\d+/.exec(url)![0]));
  assert.equal(numbers.length, 5);
  for (const [n, found] of numbers.entries()) assert.ok(Math.abs(found - n * 20) <= 16, String(numbers));
});

it('an empty journal, and one in which all failed, have reports', () => {
  const empty = reportOf([]);
  assert.deepEqual([empty.items, empty.speed, empty.hosts, empty.sizes], [0, null, 0, []]);
  const lost = reportOf([failed(1), failed(2)]);
  assert.deepEqual([lost.saved, lost.failed, lost.speed], [0, 2, null]);
  assert.deepEqual(
    lost.topHosts.map(({ host, failed: count, itemsPerSecond }) => [host, count, itemsPerSecond]),
    [['host', 2, null]],
  );
});

it('a host is what an address names, without its user, and an address that is none has none', () => {
  const urls = ['http://me:pw@Some.Host:81/a@b', 'HTTPS://some.host:81?x', 'no address', 'http://[::1]/x'];
  const { topHosts } = reportOf(urls.map((url, n) => row(n, { url })));
  assert.deepEqual(
    topHosts.map(({ host, saved }) => [host, saved]),
    [
      ['some.host:81', 2],
      ['', 1],
      ['[::1]', 1],
    ],
  );
});

it('of a hundred thousand hosts the largest are told, all others together, and memory does not grow', async () => {
  const tally = new Tally();
  const large = (n: number) => row(n, { url: `https://large${n % 3}/`, endedMs: startMs + n });
  let before = 0;
  for (let n = 0; n < 100_000; n += 1) {
    tally.add(row(n, { url: `https://${n}.small/`, endedMs: startMs + n }));
    if (n % 100 === 0) for (let i = 0; i < 3; i += 1) tally.add(large(n + i));
    if (n === 20_000) before = await heapInUse();
  }
  const grown = (await heapInUse()) - before;
  const { topHosts, otherHosts, hosts, saved } = tally.report(new Date(), false);
  assert.deepEqual(
    topHosts
      .slice(0, 3)
      .map(({ host }) => host)
      .sort(),
    ['large0', 'large1', 'large2'],
  );
  assert.deepEqual(
    topHosts.slice(0, 3).map((host) => host.saved),
    [1000, 1000, 1000],
  );
  assert.equal(topHosts.length, 50);
  assert.equal(hosts, 100_003);
  assert.equal(saved, 103_000);
  assert.equal(otherHosts!.saved + topHosts.reduce((sum, host) => sum + host.saved, 0), 103_000);
  assert.ok(grown < 4e6, `${grown} bytes more`);
});

it('speed is told over the time in which something was saved; a pause of a day is left out', () => {
  const ten = (from: number) => Array.from({ length: 100 }, (_, n) => row(n, { endedMs: from + n * 100 }));
  const { speed, topHosts } = reportOf([...ten(startMs + 86_400_000), ...ten(startMs)]);
  assert.equal(speed!.sessions.length, 2);
  assert.equal(speed!.busySeconds, 20);
  assert.deepEqual([speed!.itemsPerSecond, speed!.bytesPerSecond], [10, 15_000]);
  // Of a host bins are few, and so wide ones.
  assert.ok(Math.abs(topHosts[0]!.itemsPerSecond! - 10) < 0.5);
  assert.deepEqual([speed!.first, speed!.last], ['2026-01-02T03:04:05.000Z', '2026-01-03T03:04:14.900Z']);
  assert.equal(
    speed!.sessions.flatMap(({ items }) => items).reduce((a, b) => a + b),
    200,
  );
});

it('a slow host is not taken for a fast one that paused after every item', () => {
  const { topHosts } = reportOf(
    Array.from({ length: 60 }, (_, n) => row(n, { endedMs: startMs + n * 10_000 })),
  );
  assert.equal(topHosts[0]!.itemsPerSecond!.toFixed(2), '0.10');
});

it('bins of time stay few, however long it took and in whatever order, and lose nothing', () => {
  const times = Array.from({ length: 50_000 }, (_, n) => ((n * 7919) % 50_000) * 1000);
  const bins = new TimeBins(200);
  for (const time of times) bins.add(startMs + time, 10);
  const all = bins.sessions().flatMap((session) => session.bins);
  assert.ok(all.length <= 200 && all.length > 50, String(all.length));
  assert.equal(
    all.reduce((sum, bin) => sum + bin.items, 0),
    50_000,
  );
  assert.ok(Math.abs(bins.busy()!.seconds - 50_000) / 50_000 < 0.02);

  const sparse = new TimeBins(200);
  for (let n = 0; n < 190; n += 1) sparse.add(startMs + n * 4900, 1);
  assert.ok(sparse.sessions().flatMap((session) => session.bins).length <= 200);
});

it('two sets of bins become one of the coarser width', () => {
  const [fine, coarse] = [new TimeBins(8), new TimeBins(8)];
  for (let n = 0; n < 8; n += 1) fine.add(n * 100, 1);
  for (let n = 0; n < 8; n += 1) coarse.add(n * 1000, 1);
  fine.merge(coarse);
  assert.equal(
    fine
      .sessions()
      .flatMap((session) => session.bins)
      .reduce((sum, { items }) => sum + items, 0),
    16,
  );
});

it('an even sample has all of a few, and of many evenly spaced ones', () => {
  for (const count of [0, 1, 7, 10, 11, 19, 20, 21, 40, 41, 1000, 12_345]) {
    const sample = new EvenSample<number>(10);
    for (let n = 0; n < count; n += 1) sample.add(n);
    const values = sample.values();
    assert.equal(values.length, Math.min(count, 10), String(count));
    const gaps = values.slice(1).map((value, n) => value - values[n]!);
    assert.ok(gaps.every((gap) => gap > 0));
    assert.ok(count === 0 || values[0] === 0);
    assert.ok((values.at(-1) ?? 0) >= count * 0.7 - 1, `${count}: ${values}`);
  }
});

it('every size has its bin: none is lost at either end', () => {
  const sizes = new Histogram(byteEdges);
  for (const bytes of [0, 1, 999, 1000, 1999, 2000, 999_999_999, 1e9, 1e15]) sizes.add(bytes);
  const bins = sizes.bins();
  assert.deepEqual(bins[0], { from: 0, below: 1000, files: 3 });
  assert.deepEqual(bins[1], { from: 1000, below: 2000, files: 2 });
  assert.deepEqual(bins.at(-1), { from: 1e9, below: null, files: 2 });
});

it('sets of the same bytes: how many there are, what they take, and the largest', () => {
  const tally = new Tally();
  for (let n = 2; n < 200; n += 1) tally.addSet({ files: n, bytes: 10, paths: [`a${n}`, `b${n}`] });
  const { duplicates } = tally.report(new Date(), false);
  assert.equal(duplicates.sets, 198);
  assert.equal(duplicates.spareBytes, (10 * (198 * 199)) / 2);
  assert.equal(duplicates.largest.length, 20);
  assert.deepEqual(duplicates.largest[0], { files: 199, bytes: 10, paths: ['a199', 'b199'] });
  assert.equal(duplicates.largest.at(-1)!.files, 180);
});
