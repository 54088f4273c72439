import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostCeiling } from '../../src/core/host-ceilings.ts';
import type { Work } from '../../src/core/run-spec.ts';
import { HostQueues } from '../../src/strategies/host-queues.ts';
import { HostWindows } from '../../src/strategies/host-windows.ts';
import { Slots } from '../../src/strategies/slots.ts';

function work(host: string, name = ''): Work {
  const url = `http://${host}/${name}`;
  const item = { key: url, url, index: 1, reach: [] };
  return { item, target: name, ownedPath: null, adoptSinceMs: null };
}

const host = (taken: ReturnType<HostQueues['take']>) => taken?.host.name ?? null;

const queuesOf = (ceiling: number, patienceMs: number) =>
  new HostQueues(
    new HostWindows({
      initial: Number.POSITIVE_INFINITY,
      ceilingOf: () => ceiling,
      recall: () => undefined,
    }),
    patienceMs,
  );

describe('HostQueues', () => {
  it('lets hosts take turns, each in its own order', () => {
    const queues = queuesOf(10, 30_000);
    for (const at of ['1', '2']) for (const name of ['a', 'b', 'c']) queues.add(work(name, at));
    const taken = Array.from({ length: 6 }, () => queues.take()!);
    assert.deepEqual(taken.map(host), ['a', 'b', 'c', 'a', 'b', 'c']);
    assert.deepEqual(
      taken.map(({ work }) => work.target),
      ['1', '1', '1', '2', '2', '2'],
    );
    assert.equal(queues.take(), undefined);
  });

  it('keeps the ceiling of a host, by host and port, and goes on when one of its downloads ends', () => {
    const queues = queuesOf(2, 30_000);
    for (let n = 0; n < 3; n += 1) queues.add(work('a:1'));
    queues.add(work('a:2'));
    const taken = [queues.take()!, queues.take()!, queues.take()!];
    assert.deepEqual(taken.map(host), ['a:1', 'a:2', 'a:1']);
    assert.equal(queues.take(), undefined);
    assert.equal(queues.size, 1);
    assert.equal(queues.nextMs(), undefined);
    queues.release(taken[0]!.work, taken[0]!.host);
    assert.equal(host(queues.take()), 'a:1');
  });

  it('passes over a host that pauses, and says when it can be asked again', () => {
    const queues = queuesOf(10, 30_000);
    queues.add(work('a'));
    queues.add(work('b'));
    queues.pause('a', { ms: 5000, asked: true });
    assert.equal(host(queues.take()), 'b');
    assert.equal(queues.take(), undefined);
    const waitMs = queues.nextMs()!;
    assert.ok(waitMs > 4000 && waitMs <= 5000, String(waitMs));
  });

  it('tells whether all whose work waits pause, or are at their ceiling', () => {
    const queues = queuesOf(1, 30_000);
    queues.add(work('idle'));
    queues.take();
    assert.equal(queues.now().arePausing, false);
    for (const name of ['a', 'b']) queues.add(work(name));
    queues.pause('a', { ms: 5000, asked: true });
    assert.equal(queues.now().arePausing, false);
    queues.pause('b', { ms: 5000, asked: true });
    const { limit, wereTooMuch, areAtCeiling, arePausing } = queues.now();
    assert.deepEqual([limit, wereTooMuch, areAtCeiling, arePausing], [3, false, true, true]);
  });

  it('does not hold work for a pause longer than anybody waits', () => {
    const queues = queuesOf(10, 30_000);
    queues.add(work('a'));
    queues.pause('a', { ms: 86_400_000, asked: true });
    assert.equal(host(queues.take()), 'a');
  });

  it('keeps our own back-off however short the patience: the host did not ask for it', () => {
    const queues = queuesOf(10, 0);
    queues.add(work('a'));
    queues.pause('a', { ms: 5000, asked: false });
    assert.equal(queues.take(), undefined);
  });

  it('gives what was begun before first', () => {
    const queues = queuesOf(10, 30_000);
    queues.add(work('a', 'new'));
    queues.add(work('a', 'again'), true);
    assert.equal(queues.take()!.work.target, 'again');
  });
});

describe('hostCeiling', () => {
  it('is 100, and less for hosts that ask for less, unless the user says otherwise', () => {
    assert.equal(hostCeiling('example.com:8080', null), 100);
    assert.equal(hostCeiling('upload.wikimedia.org', null), 2);
    assert.equal(hostCeiling('upload.wikimedia.org:443', null), 2);
    assert.equal(hostCeiling('notwikimedia.org', null), 100);
    assert.equal(hostCeiling('upload.wikimedia.org', 7), 7);
    assert.equal(hostCeiling('example.com', 300), 300);
  });
});

describe('HostWindows', () => {
  it('keeps a bounded number of windows, and those that have work in any case', () => {
    const windows = new HostWindows({ initial: 10, ceilingOf: () => 100, recall: () => undefined });
    const queues = new HostQueues(windows, 30_000);
    for (let n = 0; n < 20_000; n += 1) {
      queues.add(work(`h${n}`));
      const taken = queues.take()!;
      queues.release(taken.work, taken.host);
    }
    assert.ok([...windows].length <= 4001, String([...windows].length));
  });
});

describe('Slots', () => {
  it('gives the lowest free number, and knows how many were used at most', () => {
    const slots = new Slots();
    assert.deepEqual([slots.take(), slots.take(), slots.take()], [0, 1, 2]);
    slots.release(1);
    slots.release(0);
    assert.deepEqual([slots.take(), slots.take(), slots.take()], [0, 1, 3]);
    assert.deepEqual([slots.used, slots.peak], [4, 4]);
  });

  it('what is computed has its number, and is not in flight', () => {
    const slots = new Slots();
    for (const slot of [0, 1]) {
      assert.equal(slots.take(), slot);
      slots.computing += 1;
    }
    assert.deepEqual([slots.used, slots.inFlight, slots.peak], [2, 0, 1]);
    assert.equal(slots.take(), 2);
    slots.computing -= 1;
    slots.release(0);
    assert.deepEqual([slots.used, slots.inFlight, slots.peak, slots.take()], [2, 1, 1, 0]);
  });
});
