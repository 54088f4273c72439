import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import { aboutRace } from '../../src/race/about.ts';
import { explain } from '../../src/race/explain.ts';
import { figuresOf } from '../../src/race/figures.ts';
import type { RunMeasurement } from '../../src/race/measurement.ts';
import { racePicture } from '../../src/race/picture.ts';
import { raceReport } from '../../src/race/report.ts';
import { changesOf, placeTexts } from '../../src/race/window-changes.ts';
import { windowChart } from '../../src/race/window-chart.ts';
import { measured, windowOf } from './synthetic.ts';

/** A pixel is 10 ms. */
const axis = { x: (seconds: number) => 100 * seconds, untilSeconds: 3, isRoomy: true };

const pathOf = (svg: string, name: string): string =>
  new RegExp(`<path d="([^"]*)" class="${name}"/>`).exec(svg)?.[1] ?? '';

/** The corners of a path of `M`, `H`, `V`. */
function corners(d: string): [x: number, y: number][] {
  let [x, y] = [0, 0];
  return [...d.matchAll(/([MHV])([\d.]+)(?: ([\d.]+))?/g)].map(([, command, first, second]) => {
    if (command === 'V') y = Number(first);
    else x = Number(first);
    if (command === 'M') y = Number(second);
    return [x, y];
  });
}

const history = windowOf(
  [
    [0.1, 16, 'growing'],
    [0.5, 32, 'growing'],
    [1, 20, 'hosts'],
    [2, 20, 'hosts', 1],
  ],
  'the host takes no more',
);
const run = (changes: Partial<RunMeasurement> = {}): RunMeasurement => ({
  ...measured({ strategy: 'auto', slots: 32, items: 200, bodyMs: 200 }),
  ...{ seconds: 2.5, window: history },
  ...changes,
});

test('the window is a line of steps to the end of the run: up when what it allowed was begun, down when it was told', () => {
  const { content, height } = windowChart(history, run(), axis);
  const heightOf = (window: number) => Math.round((height - (window / 32) * 64) * 100) / 100;
  assert.deepEqual(corners(pathOf(content, 'window')), [
    [0, heightOf(16)],
    [40, heightOf(16)],
    [40, heightOf(32)],
    [100, heightOf(32)],
    [100, heightOf(20)],
    [200, heightOf(20)],
    [200, heightOf(20)],
    [250, heightOf(20)],
  ]);
});

test('what was in flight is an area of the same scale', () => {
  const { content, height } = windowChart(history, run(), axis);
  const area = corners(pathOf(content, 'inFlight'));
  assert.deepEqual(
    [5, 15, 25, 35, 45].map((x) => {
      const i = area.findIndex(([right], at) => right > x && at > 0);
      return Math.round(((height - area[i]![1]) / 64) * 32);
    }),
    [10, 20, 20, 10, 5],
  );
});

test('a run that goes on beyond the axis is cut there', () => {
  const { content } = windowChart(history, run({ seconds: 9 }), { ...axis, untilSeconds: 0.7 });
  assert.equal(Math.max(...corners(pathOf(content, 'window')).map(([x]) => x)), 70);
  assert.doesNotMatch(content, /takes no more/);
});

test('changes are told in words: of state, and of threads', () => {
  const steps = windowOf(
    [
      [0.1, 16, 'growing'],
      [0.2, 20, 'growing'],
      [0.4, 20, 'flat'],
      [1, 25, 'probing', 1],
      [2, 20, 'flat', 1],
      [3, 20, 'flat'],
    ],
    null,
  ).steps;
  assert.deepEqual(
    changesOf(steps).map(({ seconds, text, isRepeated }) => [seconds, text, isRepeated]),
    [
      [0.1, 'growing: more pays', false],
      [0.4, 'more brings no more', false],
      [1, 'trying another number, 2 threads', false],
      [2, 'more brings no more', true],
      [3, '1 thread again', false],
    ],
  );
});

test('words never stand over each other, over the way from another to its moment, or outside', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let placed = 0;
  for (let round = 0; round < 300; round++) {
    const changes = Array.from({ length: 8 }, () => ({
      text: 'x'.repeat(3 + Math.floor(20 * random())),
      x: 600 * random(),
      isRepeated: random() < 0.5,
    }));
    const texts = placeTexts(changes, 0, 600).map((text) => {
      const width = text.text.length * 6.6;
      const start = text.isLeft ? text.x - width : text.x;
      return { ...text, start, end: start + width };
    });
    placed += texts.length;
    for (const one of texts) {
      assert.ok(one.start >= 0 && one.end <= 600);
      for (const other of texts) {
        if (one === other) continue;
        if (one.row === other.row) assert.ok(one.end < other.start || other.end < one.start);
        if (one.row > other.row) assert.ok(one.x < other.start || one.x > other.end);
      }
    }
  }
  assert.ok(placed > 300 * 3, `${placed}`);
});

test('what is new is told before what was said already', () => {
  const text = 'words that need some room';
  const changes = [100, 110, 120].map((x) => ({ text, x, isRepeated: x > 100 }));
  assert.ok(placeTexts(changes, 0, 600).some(({ x }) => x === 100));
});

function drawn(runs: RunMeasurement[]) {
  const figures = figuresOf([...new Set(runs.map((each) => each.strategy))], runs);
  const results = figures.map((each) => each.result);
  const explanation = explain(figures, true, { cores: 2 });
  const race = { event: 'race' as const, results, fastest: 'auto' as const, identical: true, explanation };
  const strategies = results.map(({ strategy }) => strategy);
  const about = aboutRace({ ...defaultRunSpec, sources: ['demo:'] }, { strategies, runs: 1 }, new Date(0));
  const report = { result: race, figures, about };
  return { page: raceReport(report), picture: racePicture(report) };
}

test('page and picture draw the window of auto where its run fills enough of the axis', () => {
  const slow = measured({ strategy: 'sync', slots: 1, items: 200, bodyMs: 200 });
  const { page, picture } = drawn([slow, run()]);
  // In both widths of the close-up, and not in the whole race, whose axis is 24 times as long.
  assert.equal(page.match(/<path d="[^"]*" class="window"\/>/g)?.length, 4);
  assert.equal(page.match(/>what auto allowed</g)?.length, 2);
  assert.equal(page.match(/>the host takes no more</g)?.length, 2);
  assert.match(page, /Its reason: the host takes no more\./);
  assert.match(page, /Below auto stands how many it allowed to be in flight, and how many were\./);
  assert.match(picture, />what was in flight</);
  assert.match(picture, />the host takes no more</);
});

test('a race without auto, or of an auto that told nothing, has no such chart and no colours for it', () => {
  for (const runs of [
    [measured({ strategy: 'async', slots: 40 })],
    [measured({ strategy: 'auto', slots: 40 }), measured({ strategy: 'sync', slots: 1 })],
  ]) {
    const { page, picture } = drawn(runs);
    assert.doesNotMatch(page + picture, /class="window"|class="inFlight"|what auto allowed|Below auto/);
  }
});
