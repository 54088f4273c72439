import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Work } from '../../src/core/run-spec.ts';
import { HostLimits } from '../../src/strategies/host-limits.ts';
import { HostQueues } from '../../src/strategies/host-queues.ts';
import { Slots } from '../../src/strategies/slots.ts';

function work(host: string, name = ''): Work {
  const url = `http://${host}/${name}`;
  const item = { key: url, url, index: 1, reach: [] };
  return { item, target: name, ownedPath: null, adoptSinceMs: null };
}

const host = (taken: Work | undefined) => (taken === undefined ? null : new URL(taken.item.url).host);

describe('HostQueues', () => {
  it('lets hosts take turns, each in its own order', () => {
    const queues = new HostQueues(10, 30_000);
    for (const at of ['1', '2']) for (const name of ['a', 'b', 'c']) queues.add(work(name, at));
    const taken = Array.from({ length: 6 }, () => queues.take()!);
    assert.deepEqual(taken.map(host), ['a', 'b', 'c', 'a', 'b', 'c']);
    assert.deepEqual(
      taken.map(({ target }) => target),
      ['1', '1', '1', '2', '2', '2'],
    );
    assert.equal(queues.take(), undefined);
  });

  it('keeps the ceiling of a host, by host and port, and goes on when one of its downloads ends', () => {
    const queues = new HostQueues(2, 30_000);
    for (let n = 0; n < 3; n += 1) queues.add(work('a:1'));
    queues.add(work('a:2'));
    const taken = [queues.take()!, queues.take()!, queues.take()!];
    assert.deepEqual(taken.map(host), ['a:1', 'a:2', 'a:1']);
    assert.equal(queues.take(), undefined);
    assert.equal(queues.size, 1);
    assert.equal(queues.nextMs(), undefined);
    queues.release(taken[0]!, true);
    assert.equal(host(queues.take()), 'a:1');
  });

  it('passes over a host that pauses, and says when it can be asked again', () => {
    const queues = new HostQueues(10, 30_000);
    queues.add(work('a'));
    queues.add(work('b'));
    assert.equal(queues.pause('a', { ms: 5000, asked: true }), true);
    assert.equal(queues.pause('a', { ms: 5000, asked: true }), false, 'the same burst');
    assert.equal(host(queues.take()), 'b');
    assert.equal(queues.take(), undefined);
    const waitMs = queues.nextMs()!;
    assert.ok(waitMs > 4000 && waitMs <= 5000, String(waitMs));
  });

  it('does not hold work for a pause longer than anybody waits', () => {
    const queues = new HostQueues(10, 30_000);
    queues.add(work('a'));
    queues.pause('a', { ms: 86_400_000, asked: true });
    assert.equal(host(queues.take()), 'a');
  });

  it('keeps our own back-off however short the patience: the host did not ask for it', () => {
    const queues = new HostQueues(10, 0);
    queues.add(work('a'));
    queues.pause('a', { ms: 5000, asked: false });
    assert.equal(queues.take(), undefined);
  });

  it('gives what was begun before first', () => {
    const queues = new HostQueues(10, 30_000);
    queues.add(work('a', 'new'));
    queues.add(work('a', 'again'), true);
    assert.equal(queues.take()!.target, 'again');
  });
});

describe('HostLimits', () => {
  it('shrinks from what is in flight, once a burst, never below one', () => {
    const limits = new HostLimits(100);
    assert.equal(limits.limit('a'), 100);
    assert.equal(limits.shrink('a', 40, 60_000), true);
    assert.equal(limits.limit('a'), 28);
    assert.equal(limits.shrink('a', 40, 60_000), false);
    assert.equal(limits.limit('a'), 28);
    for (let n = 0; n < 20; n += 1) limits.shrink('a', 1, 0);
    assert.equal(limits.limit('a'), 1);
    assert.equal(limits.limit('b'), 100);
  });

  it('comes back one at a time, after as many downloads that went well, up to the ceiling', () => {
    const limits = new HostLimits(4);
    limits.shrink('a', 3, 0);
    assert.equal(limits.limit('a'), 2);
    const after = Array.from({ length: 6 }, () => {
      limits.wentWell('a');
      return limits.limit('a');
    });
    assert.deepEqual(after, [2, 3, 3, 3, 4, 4]);
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
});
