import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeEvent, Summary } from '../../src/core/events.ts';
import { RunCollector } from '../../src/race/collect.ts';

const outcome = (changes: Partial<OutcomeEvent>): OutcomeEvent => ({
  ...{
    event: 'outcome',
    status: 'saved',
    key: 'k',
    url: 'http://h/a/b.jpg?token=1',
    index: 1,
    path: 'a/b.jpg',
  },
  ...{ bytes: 100, sha256: 'ab', mime: 'image/jpeg', width: 1, height: 1, attempts: 1 },
  ...{ ms: { wait: 1, firstByte: 2, body: 3, stage: 4, write: 5 }, startedMs: 10, endedMs: 30, slot: 0 },
  ...changes,
});
const summary: Summary = {
  ...{ strategy: 'async', saved: 2, kept: 0, skipped: 1, failed: 1, bytes: 150 },
  ...{ seconds: 0.5, peakInFlight: 3, reason: null, exitCode: 3 },
};
const usage = { cpuSeconds: 1, peakRssBytes: 2, eventLoopUtilization: 0.3 };

test('the events of a run fold into its measurement', () => {
  const collector = new RunCollector('async', 2);
  collector.add(outcome({}));
  collector.add(outcome({ startedMs: 5, endedMs: 95, bytes: 50, slot: 1, path: 'a/c.jpg' }));
  collector.add(outcome({ status: 'failed', path: null, bytes: 0, startedMs: 40, endedMs: 45 }));
  collector.add(outcome({ status: 'skipped', path: null, startedMs: 0, endedMs: 0 }));
  const run = collector.finish(summary, usage, 'tree');
  assert.deepEqual(
    { items: run.items, saved: run.saved, failed: run.failed, bytes: run.bytes, seconds: run.seconds },
    { items: 3, saved: 2, failed: 1, bytes: 150, seconds: 0.5 },
  );
  assert.deepEqual(run.phases, { wait: 3, firstByte: 6, body: 9, stage: 12, write: 15 });
  assert.deepEqual([run.occupiedMs, run.firstStartMs, run.longestMs, run.peakInFlight], [115, 5, 90, 3]);
  assert.deepEqual(
    run.bars.map((bar) => bar.label),
    ['a/b.jpg', 'a/c.jpg', '/a/b.jpg'],
  );
  assert.deepEqual(
    collector.saved.map((file) => file.path),
    ['a/b.jpg', 'a/c.jpg'],
  );
});

test('of a run that died everything that it had not saved has failed', () => {
  const collector = new RunCollector('threads', 1);
  collector.add(outcome({}));
  collector.add({
    event: 'progress',
    done: 1,
    total: 9,
    bytes: 1,
    bytesPerSecond: 1,
    inFlight: 5,
    failed: 0,
  });
  const run = collector.died(1.5, 9, 'tree');
  assert.deepEqual([run.finished, run.seconds, run.failed, run.peakInFlight], [false, 1.5, 8, 5]);
});

test('a run that died at the very end has failed, too', () => {
  const collector = new RunCollector('threads', 1);
  collector.add(outcome({}));
  assert.equal(collector.died(1, 1, 'tree').failed, 1);
});

test('something saved that is no picture makes the run one of files', () => {
  const collector = new RunCollector('sync', 1);
  collector.add(outcome({}));
  collector.add(outcome({ mime: 'video/mp4' }));
  assert.equal(collector.finish(summary, usage, 'tree').pictures, false);
});
