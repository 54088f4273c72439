import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, identicalTrees, ranked } from '../../src/race/figures.ts';
import { turnsOf } from '../../src/race/race.ts';
import { measured } from './synthetic.ts';

test('medians are of all runs, and the typical run is the one nearest to the median', () => {
  const runs = [1.5, 1, 1.1].map((noise, i) => measured({ strategy: 'sync', slots: 1, run: i + 1, noise }));
  const [figures] = figuresOf(['sync'], runs.toReversed());
  assert.equal(figures!.result.median, runs[2]!.seconds);
  assert.equal(figures!.typical.run, 3);
  assert.deepEqual(
    figures!.result.seconds,
    runs.map((run) => run.seconds),
  );
});

test('speed-up is against sync where it ran, else against the slowest', () => {
  const one = measured({ strategy: 'sync', slots: 1 });
  const five = measured({ strategy: 'threads', slots: 5 });
  const two = measured({ strategy: 'processes', slots: 2 });
  const withSync = figuresOf(['threads', 'sync'], [one, five]);
  assert.equal(withSync[0]!.result.speedup, one.seconds / five.seconds);
  assert.equal(withSync[1]!.result.speedup, 1);
  const without = figuresOf(['threads', 'processes'], [five, two]);
  assert.equal(without[0]!.result.speedup, two.seconds / five.seconds);
});

test('a run that died is no part of the median but of the failures', () => {
  const good = measured({ strategy: 'async', slots: 40 });
  const dead = {
    ...measured({ strategy: 'async', slots: 40, run: 2 }),
    finished: false,
    seconds: 0.001,
    failed: 40,
  };
  const [figures] = figuresOf(['async'], [good, dead]);
  assert.equal(figures!.result.median, good.seconds);
  assert.deepEqual(figures!.result.seconds, [good.seconds, 0.001]);
  assert.equal(figures!.result.failed, 40);
  assert.equal(figures!.died, 1);
});

test('a strategy that failed at something ranks behind all that did not, however quick', () => {
  const slow = measured({ strategy: 'sync', slots: 1 });
  const quick = measured({ strategy: 'async', slots: 40, failed: 3 });
  const order = ranked(figuresOf(['async', 'sync'], [slow, quick]));
  assert.deepEqual(
    order.map(({ result }) => result.strategy),
    ['sync', 'async'],
  );
});

test('the waiting share counts the wait for a turn, for the first byte and for the body', () => {
  const run = measured({ strategy: 'sync', slots: 1, items: 1, firstByteMs: 0, bodyMs: 0, writeMs: 30 });
  run.phases = { wait: 10, firstByte: 20, body: 40, stage: 0, write: 30 };
  run.occupiedMs = 100;
  const [figures] = figuresOf(['sync'], [run]);
  assert.equal(figures!.result.waitingShare, 0.7);
});

test('runs are identical only if all trees are the same', () => {
  const one = measured({ strategy: 'sync', slots: 1 });
  assert.equal(identicalTrees([one, { ...one }]), true);
  assert.equal(identicalTrees([one, { ...one, tree: 'other' }]), false);
});

test('all strategies have run once before any runs again, and each round begins with another', () => {
  const turns = turnsOf(['sync', 'threads', 'async'], 4).map(({ strategy, run }) => `${strategy} ${run}`);
  assert.deepEqual(turns, [
    ...['sync 1', 'threads 1', 'async 1'],
    ...['threads 2', 'async 2', 'sync 2'],
    ...['async 3', 'sync 3', 'threads 3'],
    ...['sync 4', 'threads 4', 'async 4'],
  ]);
});
