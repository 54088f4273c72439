import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar } from '../../src/cli/bar.ts';
import { displayWidth } from '../../src/cli/display-width.ts';
import { raceTable } from '../../src/cli/race-table.ts';
import { raceText } from '../../src/cli/race-text.ts';
import type { RaceEvent, RaceResult } from '../../src/index.ts';
import { FakeTerminal } from './fake-terminal.ts';

const result = (strategy: RaceResult['strategy'], seconds: number[], failed = 0): RaceResult => {
  const median = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
  return {
    strategy,
    seconds,
    median,
    speedup: 22 / median,
    bytes: 12_345_678,
    failed,
    peakInFlight: 5,
    cpuSeconds: 0.61,
    peakRssBytes: 123_000_000,
    waitingShare: 0.968,
    eventLoopUtilization: 0.1,
  };
};
const race: RaceEvent = {
  event: 'race',
  results: [result('sync', [22, 21.5, 22.4]), result('threads', [4.5]), result('async', [1.1, 1.2, 1.3])],
  fastest: 'async',
  identical: true,
  explanation: ['Nearly all of the time was waiting. '.repeat(8), 'Computing: 3 %.'],
};
const plain = (columns: number, environment = { LANG: 'C.UTF-8' }) => {
  const stream = new FakeTerminal(columns);
  stream.isTTY = false;
  return stream.describe(environment);
};

test('the table has every figure when there is room, numbers under each other', () => {
  assert.deepEqual(raceTable(race.results, 100, plain(100)), [
    'strategy  median    spread, s  speed-up     CPU  memory  in flight  waiting    bytes',
    '─'.repeat(84),
    'sync      22.0 s  21.50-22.40     1.00x  0.61 s  123 MB          5     97 %  12.3 MB',
    'threads   4.50 s    4.50-4.50     4.89x  0.61 s  123 MB          5     97 %  12.3 MB',
    'async     1.20 s    1.10-1.30     18.3x  0.61 s  123 MB          5     97 %  12.3 MB',
  ]);
});

test('a narrower table keeps strategy, time and speed-up longest', () => {
  assert.match(
    raceTable(race.results, 60, plain(60))[0]!,
    /^strategy +median +spread, s +speed-up +CPU +memory$/,
  );
  assert.equal(raceTable(race.results, 27, plain(27))[0], 'strategy  median  speed-up');
});

test('everything fits the terminal, at 80, 60 and 40 columns', () => {
  for (const columns of [80, 60, 40]) {
    const lines = raceText(race, plain(columns));
    for (const line of lines) assert.ok(displayWidth(line) <= columns, line);
    assert.ok(lines.includes('✓ all wrote the same bytes'));
  }
});

test('one run has no spread, and failures get a column when there are some', () => {
  const single = raceTable([result('sync', [22]), result('async', [1.2], 3)], 100, plain(100));
  assert.match(single[0]!, /^strategy +time +speed-up +failed +CPU/);
  assert.match(single[3]!, /18\.3x +3 /);
});

test('bars are as long as the times, to an eighth of a column, and never vanish', () => {
  assert.equal(bar(1, 4, true), '████');
  assert.equal(bar(0.5, 5, true), '██▌');
  assert.equal(bar(1 / 32, 4, true), '▏');
  assert.equal(bar(0, 4, true), '▏');
  assert.equal(bar(2, 4, true), '████');
  assert.equal(bar(0.5, 8, false), '####');
  assert.equal(bar(0, 8, false), '#');
});

test('without UTF-8 the whole result is ASCII; other bytes are said as such', () => {
  const text = raceText({ ...race, identical: false }, plain(80, { LANG: 'C' })).join('\n');
  assert.match(text, /^[\x20-\x7e\n]*$/);
  assert.match(text, /^NOT OK: not all wrote the same bytes/m);
});

test('a strategy whose runs all died has dashes and no bar', () => {
  const dead = {
    ...result('processes', [1]),
    seconds: [],
    median: Number.NaN,
    speedup: Number.NaN,
    failed: 40,
  };
  const lines = raceText({ ...race, results: [...race.results, dead] }, plain(80));
  assert.equal(lines.filter((line) => line.startsWith('processes')).length, 1);
  assert.match(lines.find((line) => line.startsWith('processes'))!, /^processes +- +- +-/);
});
