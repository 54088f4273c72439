import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunReporter } from '../../src/cli/run-reporter.ts';
import { Screen } from '../../src/cli/screen.ts';
import type { Outcome, RunEvent, Summary } from '../../src/index.ts';
import { FakeTerminal } from './fake-terminal.ts';

const outcome = (index: number, failed: boolean): RunEvent => ({
  event: 'outcome',
  ...({
    status: failed ? 'failed' : 'saved',
    key: `k${index}`,
    url: `http://host/${index}.jpg`,
    index,
    path: failed ? null : `a/${index}.jpg`,
    bytes: 2000,
    attempts: 1,
    startedMs: 0,
    endedMs: 500,
    ...(failed ? { error: { code: 'empty', message: 'no bytes', retryable: false } } : {}),
  } as Outcome),
});
const summary: Summary = {
  strategy: 'async',
  saved: 2,
  kept: 1,
  skipped: 0,
  skippedBy: {},
  failed: 1,
  bytes: 4000,
  seconds: 2,
  peakInFlight: 2,
  reason: null,
  dataSet: null,
  exitCode: 3,
};

function reporterOn(
  terminal: FakeTerminal,
  options: { quiet?: boolean; verbose?: boolean; failedFile?: string } = {},
) {
  const clock = { ms: 0 };
  const now = () => clock.ms;
  const screen = new Screen(terminal.describe(), now);
  const reporter = new RunReporter(screen, {
    quiet: false,
    verbose: false,
    progress: true,
    failedFile: null,
    ...options,
    now,
  });
  const progress = (ms: number, done: number) => {
    clock.ms = ms;
    reporter.add({
      event: 'progress',
      done,
      total: 40,
      bytes: 0,
      bytesPerSecond: 0,
      inFlight: 1,
      computing: 0,
      skipped: 0,
      failed: 0,
    });
  };
  return { reporter, progress };
}

test('on a pipe: a line every five seconds, failures as they happen, all of them again at the end', () => {
  const pipe = new FakeTerminal(80);
  pipe.isTTY = false;
  const { reporter, progress } = reporterOn(pipe);
  reporter.add({ event: 'start', strategy: 'async', source: 's', dir: 'd', total: 40 });
  for (let ms = 0; ms <= 12_000; ms += 250) progress(ms, 2);
  reporter.add(outcome(1, false));
  reporter.add(outcome(2, true));
  reporter.add({ event: 'note', level: 'warning', message: 'a worker was lost' });
  reporter.add({ event: 'end', ...summary });
  reporter.finish(summary);
  assert.deepEqual(pipe.written.join('').split('\n'), [
    '2 of 40, 0 B, 0 B/s, 1 in flight',
    '2 of 40, 0 B, 0 B/s, 1 in flight',
    'failed  http://host/2.jpg: no bytes',
    'warning a worker was lost',
    '2 saved, 1 kept, 1 failed: 4.00 kB in 2.00 s (2.00 kB/s), async',
    '1 failed: empty - the server has the address, but no bytes for it',
    '  http://host/2.jpg: no bytes',
    '',
  ]);
});

test('what failed of a data set is not to be read with -i: its shards would refuse it', () => {
  const terminal = new FakeTerminal(80);
  const { reporter } = reporterOn(terminal, { failedFile: 'again.jsonl' });
  reporter.add(outcome(2, true));
  reporter.finish({ ...summary, dataSet: { shards: 1, rows: 2, pictures: 1, duplicates: 0 } });
  assert.equal(
    terminal.rows().at(-2),
    'the failed ones are listed in again.jsonl: the same command asks for them again',
  );
});

test('on a terminal: the moving lines are gone at the end and the failures stay', () => {
  const terminal = new FakeTerminal(80);
  const { reporter, progress } = reporterOn(terminal);
  progress(0, 1);
  assert.match(terminal.rows()[0]!, /^1 of 40 {2}─/);
  reporter.add(outcome(2, true));
  reporter.add({ event: 'end', ...summary });
  reporter.finish({ ...summary, exitCode: 130 });
  assert.deepEqual(terminal.rows(), [
    'failed  http://host/2.jpg: no bytes',
    '2 saved, 1 kept, 1 failed: 4.00 kB in 2.00 s (2.00 kB/s), async',
    '1 failed: empty - the server has the address, but no bytes for it',
    '  http://host/2.jpg: no bytes',
    'interrupted: run the same command again to go on',
    '',
  ]);
});

test('on a terminal: what is waited for is said before the first item is there, in any width', () => {
  for (const [columns, said] of [
    [80, 'reading the listing'],
    [12, 'reading the'],
  ] as const) {
    const terminal = new FakeTerminal(columns);
    const { reporter, progress } = reporterOn(terminal);
    reporter.begin();
    assert.deepEqual(terminal.rows(), [said]);
    progress(200, 1);
    assert.match(terminal.rows()[0]!, /^1 of 40/);
  }
  const pipe = new FakeTerminal(80);
  pipe.isTTY = false;
  reporterOn(pipe).reporter.begin();
  const quiet = new FakeTerminal(80);
  reporterOn(quiet, { quiet: true }).reporter.begin();
  assert.deepEqual([...pipe.written, ...quiet.written], []);
});

test('what pictures were made of is told at the end, and how many could not be read', () => {
  const terminal = new FakeTerminal(80);
  const { reporter } = reporterOn(terminal);
  const original = { bytes: 9000, sha256: 'a', mime: 'image/jpeg', width: 9, height: 9 };
  reporter.add({ ...(outcome(1, false) as Outcome), event: 'outcome', picture: { original } });
  const unread = { original: { ...original, bytes: 2000 }, unread: true } as const;
  reporter.add({ ...(outcome(2, false) as Outcome), event: 'outcome', picture: unread });
  reporter.finish(summary);
  assert.deepEqual(terminal.rows().slice(0, 2), [
    '2 saved, 1 kept, 1 failed: 4.00 kB, made of 11.0 kB, in 2.00 s (5.50 kB/s), async',
    'stored as they came: 1 that cannot be decoded here',
  ]);
});

test('of very many failures the first hundred are said as they happen; with -v all', () => {
  for (const [verbose, lines] of [
    [false, 101],
    [true, 500],
  ] as const) {
    const pipe = new FakeTerminal(80);
    pipe.isTTY = false;
    const { reporter } = reporterOn(pipe, { verbose });
    for (let index = 0; index < 500; index += 1) reporter.add(outcome(index, true));
    assert.equal(pipe.written.length, lines);
  }
});

test('with -v it is said of what was left out why; without, it is not mentioned before the end', () => {
  const skip = { code: 'too-small', message: '9 x 9 pixels, less than 100' } as const;
  for (const verbose of [true, false]) {
    const pipe = new FakeTerminal(80);
    pipe.isTTY = false;
    const { reporter } = reporterOn(pipe, { verbose });
    const leftOut = { ...outcome(1, false), status: 'skipped' } as Outcome;
    reporter.add({ event: 'outcome', ...leftOut, skip });
    const line = 'skipped http://host/1.jpg: 9 x 9 pixels, less than 100\n';
    assert.equal(pipe.written.join(''), verbose ? line : '');
  }
});
