import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeEvent, Summary, WindowEvent } from '../../src/core/events.ts';
import { RunCollector } from '../../src/race/collect.ts';
import { InFlightCount } from '../../src/race/in-flight.ts';
import { mostSteps, WindowTrace } from '../../src/race/window-trace.ts';

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
  ...{ skippedBy: {}, dataSet: null, seconds: 0.5, peakInFlight: 3, reason: null, exitCode: 3 },
};
const usage = { cpuSeconds: 1, pictureCpuSeconds: 0, peakRssBytes: 2, eventLoopUtilization: 0.3 };

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

test('what came and what was stored are counted apart, and so is what a picture was asked for', () => {
  const collector = new RunCollector('async', 1);
  const original = { bytes: 4000, sha256: 'cd', mime: 'image/jpeg', width: 9, height: 9 };
  collector.add(outcome({ picture: { original, blurhash: 'LEHV6nWB2yk8' } }));
  collector.add(outcome({ picture: { original } }));
  collector.add(outcome({ status: 'failed', path: null, bytes: 0 }));
  const run = collector.finish(summary, usage, 'tree');
  assert.deepEqual([run.bytes, run.receivedBytes, run.blurhashes], [200, 8000, 1]);
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
    computing: 0,
    skipped: 0,
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

const step = (changes: Partial<WindowEvent>): WindowEvent => ({
  ...{ event: 'window', seconds: 0.1, window: 16, inFlight: 16, threads: 0, state: 'growing' },
  ...changes,
});

test('of auto its window is collected, with what was in flight and why', () => {
  const collector = new RunCollector('auto', 1);
  collector.add(step({ seconds: 0.05, window: 0 }));
  collector.add(step({}));
  collector.add(step({ seconds: 0.4, window: 30, state: 'ceiling', threads: 1 }));
  const ms = { wait: 1, firstByte: 2, body: 2, stage: 0, write: 5 };
  collector.add(outcome({ startedMs: 0, endedMs: 10, ms }));
  // Since 20 it has been computed and stored: not in flight any more.
  collector.add(outcome({ startedMs: 5, endedMs: 35, ms: { ...ms, stage: 10 } }));
  const { window } = collector.finish({ ...summary, reason: 'why' }, usage, 'tree');
  assert.deepEqual(window, {
    steps: [
      { seconds: 0.1, window: 16, threads: 0, state: 'growing' },
      { seconds: 0.4, window: 30, threads: 1, state: 'ceiling' },
    ],
    inFlight: { sliceMs: 5, means: [1, 2, 1, 1] },
    reason: 'why',
  });
});

test('where nothing was told of a window there is none', () => {
  const collector = new RunCollector('async', 1);
  collector.add(outcome({}));
  assert.equal(collector.finish(summary, usage, 'tree').window, null);
});

test('the trace of a day is thinned: bounded, from the first to the last, and true where it stands', () => {
  const trace = new WindowTrace();
  const day = 24 * 3600 * 10;
  for (let i = 1; i <= day; i++) trace.add(step({ seconds: i / 10, window: i }));
  const { steps } = trace;
  assert.ok(steps.length <= mostSteps && steps.length > mostSteps / 4, `${steps.length}`);
  assert.deepEqual(steps.at(-1), { seconds: day / 10, window: day, threads: 0, state: 'growing' });
  assert.ok(steps.every(({ seconds, window }) => Math.abs(window / 10 - seconds) < 1e-9));
  assert.ok(steps[0]!.seconds < 500, `${steps[0]!.seconds}`);
  const gaps = steps.slice(1).map(({ seconds }, i) => seconds - steps[i]!.seconds);
  assert.ok(Math.max(...gaps) < 500, `${Math.max(...gaps)}`);
});

test('a short trace is kept whole', () => {
  const trace = new WindowTrace();
  for (let i = 1; i <= mostSteps; i++) trace.add(step({ seconds: i / 10, window: i }));
  assert.equal(trace.steps.length, mostSteps);
});

test('what was in flight is counted in bounded slices, with no time lost', () => {
  const count = new InFlightCount();
  let takenMs = 0;
  for (let i = 0; i < 3000; i++) {
    const [startedMs, endedMs] = [i * 7, i * 7 + 35 + (i % 13)];
    count.add(startedMs, endedMs);
    takenMs += endedMs - startedMs;
  }
  const { sliceMs, means } = count.result;
  assert.ok(means.length <= 512 && means.length > 256, `${means.length}`);
  const sum = means.reduce((all, mean) => all + mean * sliceMs, 0);
  assert.ok(Math.abs(sum - takenMs) < 1e-3, `${sum} instead of ${takenMs}`);
  // One begins every 7 ms and takes 41 ms.
  assert.ok(Math.abs(means[100]! - 41 / 7) < 0.2, `${means[100]}`);
});
