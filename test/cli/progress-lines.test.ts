import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '../../src/cli/display-width.ts';
import { progressLines, progressText } from '../../src/cli/progress-lines.ts';
import { type ProgressState, RunProgress } from '../../src/cli/run-progress.ts';
import { FakeTerminal } from './fake-terminal.ts';

const terminal = new FakeTerminal(80).describe();
const state: ProgressState = {
  done: 123,
  total: 200,
  bytes: 45_200_000,
  bytesPerSecond: 12_300_000,
  inFlight: 100,
  computing: 0,
  skipped: 0,
  failed: 2,
  latest: 'a7Bc9Xy/sunset-over-the-sea.jpg',
  secondsLeft: 6.2,
};

test('with room, everything is said', () => {
  assert.deepEqual(progressLines(state, 79, terminal), [
    '123 of 200  ━━━━━━━━━━━━━━━━━━────────────  45.2 MB  12.3 MB/s  7 s left',
    '100 in flight  2 failed  a7Bc9Xy/sunset-over-the-sea.jpg',
  ]);
});

test('what was left out is said, and gives way to what failed and to what is in flight', () => {
  const other = { ...state, skipped: 7, latest: null };
  assert.equal(progressLines(other, 79, terminal)[1], '100 in flight  7 left out  2 failed');
  assert.equal(progressLines(other, 30, terminal)[1], '100 in flight  2 failed');
  assert.match(progressText(other), /, 100 in flight, 7 left out, 2 failed$/);
});

test('what is being computed is said, so that nothing in flight is not taken for nothing done', () => {
  const other = { ...state, inFlight: 0, computing: 7, latest: null };
  assert.equal(progressLines(other, 79, terminal)[1], '0 in flight  7 being computed  2 failed');
  assert.match(progressText(other), /, 0 in flight, 7 being computed, 2 failed$/);
});

test('at no width is a line too wide, and the count is the last thing to go', () => {
  const wide = { ...state, latest: '木の葉/🏞️ ünï‮gpj.\x1b[31m\n.jpg'.repeat(4) };
  for (const one of [state, wide, { ...state, total: null }]) {
    for (let columns = 1; columns < 120; columns += 1) {
      const lines = progressLines(one, columns, terminal, 'processes 2 of 3');
      assert.equal(lines.length, 2);
      for (const line of lines) assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
    }
  }
  assert.match(
    progressLines(state, 59, terminal)[0]!,
    /^123 of 200 {2}━+─+ {2}45.2 MB {2}12.3 MB\/s {2}7 s left$/,
  );
  assert.equal(progressLines(state, 19, terminal)[0], '123 of 200  ━━━━───');
  assert.equal(progressLines(state, 12, terminal)[0], '123 of 200');
});

test('names from outside can neither move the cursor nor turn the direction of the text', () => {
  const line = progressLines({ ...state, latest: 'a\x1b[2J\r\n\u202egpj.exe\u0007' }, 79, terminal)[1]!;
  assert.doesNotMatch(line, /[\p{Cc}\u202e]/u);
  assert.match(line, /a gpj\.exe$/);
});

test('of a name that is too long, the end is shown', () => {
  assert.equal(progressLines(state, 40, terminal)[1], '100 in flight  2 failed  …er-the-sea.jpg');
});

test('an unknown total is said, and there is neither a bar nor a time left', () => {
  const open = { ...state, total: null, secondsLeft: null };
  assert.equal(progressLines(open, 79, terminal)[0], '123 done  45.2 MB  12.3 MB/s  total not known yet');
  assert.match(progressText(open), /^123 done, .*total not known yet/);
});

test('without UTF-8 everything of ours is ASCII', () => {
  const ascii = new FakeTerminal(80).describe({ LC_ALL: 'C', NO_COLOR: '1' });
  const lines = progressLines(state, 45, ascii).join('');
  assert.match(lines, /^[\x20-\x7e]*$/);
});

test('the time left is said only after three seconds and five items, and follows the latest pace', () => {
  let nowMs = 0;
  const progress = new RunProgress(() => nowMs);
  const at = (ms: number, done: number) => {
    nowMs = ms;
    progress.add({
      event: 'progress',
      done,
      total: 1000,
      bytes: 0,
      bytesPerSecond: 0,
      inFlight: 1,
      computing: 0,
      skipped: 0,
      failed: 0,
    });
    return progress.state.secondsLeft;
  };
  progress.add({ event: 'start', strategy: 'sync', source: 'x', dir: 'd', total: 1000 });
  assert.equal(at(2000, 100), null);
  assert.equal(at(3000, 100), 27);
  for (let ms = 4000; ms <= 30_000; ms += 1000) at(ms, 100 + (ms - 3000) / 1000);
  assert.equal(Math.round(progress.state.secondsLeft!), 873);

  const slow = new RunProgress(() => nowMs);
  nowMs = 0;
  slow.add({ event: 'start', strategy: 'sync', source: 'x', dir: 'd', total: 1000 });
  nowMs = 60_000;
  slow.add({
    event: 'progress',
    done: 4,
    total: 1000,
    bytes: 0,
    bytesPerSecond: 0,
    inFlight: 1,
    computing: 0,
    skipped: 0,
    failed: 0,
  });
  assert.equal(slow.state.secondsLeft, null);
});
