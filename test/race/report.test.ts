import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import sharp from 'sharp';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import { timeTicks } from '../../src/drawing/svg.ts';
import { aboutRace, publicSource } from '../../src/race/about.ts';
import { explain, winners } from '../../src/race/explain.ts';
import { figuresOf, identicalTrees } from '../../src/race/figures.ts';
import type { RunMeasurement } from '../../src/race/measurement.ts';
import { racePicture } from '../../src/race/picture.ts';
import { type RaceReport, raceReport } from '../../src/race/report.ts';
import { checkMarkup } from '../support/markup.ts';
import { measured, waitingBound } from './synthetic.ts';

const spec = { ...defaultRunSpec, sources: ['demo:?images=40'] };

function reportOf(runs: RunMeasurement[], source = spec): RaceReport {
  const strategies = [...new Set(runs.map((run) => run.strategy))];
  const figures = figuresOf(strategies, runs);
  const identical = identicalTrees(runs);
  const explanation = explain(figures, identical, { cores: 2 });
  const results = figures.map((each) => each.result);
  const fastest = winners(figures)[0]!.result.strategy;
  const about = aboutRace(source, { strategies, runs: figures[0]!.runs.length }, new Date(0));
  return { result: { event: 'race', results, fastest, identical, explanation }, figures, about };
}

test('the page is well formed, has every strategy and the explanation, and asks nothing of the outside', () => {
  const report = reportOf(waitingBound());
  const page = raceReport(report, 'race.svg');
  checkMarkup(page);
  for (const { strategy } of report.result.results) {
    assert.match(page, new RegExp(`<th scope="row">${strategy}</th>`));
  }
  assert.match(page, /All 15 runs left the same files with the same bytes/);
  assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|\bsrc=| style=/i);
  assert.deepEqual(
    [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]),
    ['race.svg'],
  );
});

test('the policy of the page allows its own style and no other', () => {
  const page = raceReport(reportOf(waitingBound()));
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
  const digest = createHash('sha256').update(style).digest('base64');
  assert.ok(page.includes(`default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`));
});

test('page and picture are the same bytes every time', () => {
  assert.equal(raceReport(reportOf(waitingBound())), raceReport(reportOf(waitingBound())));
  assert.equal(racePicture(reportOf(waitingBound())), racePicture(reportOf(waitingBound())));
});

test('markup in names and sources stays text', () => {
  const runs = [measured({ strategy: 'sync', slots: 1 }), measured({ strategy: 'async', slots: 40 })];
  const evil = '</title><script>alert(1)</script>"\'&\u0000\ud800';
  for (const run of runs) for (const bar of run.bars) bar.label = evil;
  const report = reportOf(runs, { ...spec, sources: [`demo:${evil}`] });
  const page = raceReport(report, '"><script>.svg');
  checkMarkup(page);
  checkMarkup(racePicture(report));
  assert.doesNotMatch(page, /<script/);
  assert.match(page, /&#60;script&#62;alert/);
  assert.doesNotMatch(page, /\0|\ud800/);
});

test('of a source only what holds no secret is shown', () => {
  assert.equal(publicSource('https://me:pass@host.example/a/b?token=1#x'), 'https://host.example/a/b');
  assert.equal(publicSource('host.example/a?key=2'), 'https://host.example/a');
  assert.equal(publicSource('imgur:abc1234'), 'imgur:abc1234');
  assert.equal(publicSource('demo:?rtt=40ms'), 'demo:?rtt=40ms');
});

test('the page holds no path, header, cookie file or proxy of its run', () => {
  const secret = { ...spec, dir: '/secret-dir', input: ['/secret-list'], cookiesFile: '/secret-jar' };
  const more = { headers: { authorization: 'secret-token' }, proxy: 'http://secret:word@proxy' };
  assert.doesNotMatch(raceReport(reportOf(waitingBound(1), { ...secret, ...more })), /secret/);
});

test('the picture is a drawing that another program can read, with its own background', async () => {
  const picture = racePicture(reportOf(waitingBound()));
  checkMarkup(picture);
  assert.doesNotMatch(picture, /var\(/);
  const { data, info } = await sharp(Buffer.from(picture)).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, 1080);
  const middleOfTheLeftEdge = (info.height >> 1) * info.width * info.channels;
  assert.deepEqual([...data.subarray(middleOfTheLeftEdge, middleOfTheLeftEdge + 3)], [0x0f, 0x14, 0x1d]);
});

test('in the drawn timeline five slots have five rows, and one has one', () => {
  const report = reportOf([
    measured({ strategy: 'sync', slots: 1 }),
    measured({ strategy: 'threads', slots: 5 }),
  ]);
  const wide = /<svg [^>]*class="wide"[^>]*aria-label="The whole race"[\s\S]*?<\/svg>/.exec(
    raceReport(report),
  )![0];
  const rowsOf = (path: string) =>
    new Set([...path.matchAll(/M[\d.]+ ([\d.]+)/g)].map((match) => match[1])).size;
  const rows = [...wide.matchAll(/<path d="([^"]*z)" class="body"/g)].map((match) => rowsOf(match[1]!));
  assert.deepEqual(rows, [1, 5]);
});

test('thousands of downloads and slots are drawn in part, with a note, and the page stays small', () => {
  const page = raceReport(
    reportOf([
      measured({ strategy: 'sync', slots: 1, items: 20_000 }),
      measured({ strategy: 'async', slots: 1000, items: 20_000 }),
    ]),
  );
  assert.match(page, /sync: the first 1,200 downloads are drawn one by one, the rest in grey\./);
  assert.match(page, /async: 100 of 1,000 slots are drawn/);
  assert.ok(page.length < 1_500_000, `${page.length} characters`);
});

test('a race of one strategy, of one picture, and of nothing at all can be drawn', () => {
  const nothing = {
    ...measured({ strategy: 'sync', slots: 1, items: 1 }),
    ...{ items: 0, saved: 0, bars: [], seconds: 0 },
  };
  for (const runs of [
    [measured({ strategy: 'sync', slots: 1 })],
    [measured({ strategy: 'async', slots: 9, items: 1 })],
    [nothing],
  ]) {
    for (const drawn of [raceReport(reportOf(runs)), racePicture(reportOf(runs))]) {
      checkMarkup(drawn);
      assert.doesNotMatch(drawn, /NaN|Infinity|undefined/);
    }
  }
});

test('axes have round steps in one unit', () => {
  const texts = (seconds: number, wanted: number) => timeTicks(seconds, wanted).map(({ text }) => text);
  assert.deepEqual(texts(22.1, 5), ['0 s', '5 s', '10 s', '15 s', '20 s']);
  assert.deepEqual(texts(0.83, 4), ['0 ms', '200 ms', '400 ms', '600 ms', '800 ms']);
  assert.deepEqual(texts(2755, 5), ['0 min', '10 min', '20 min', '30 min', '40 min']);
  assert.deepEqual(texts(20_000, 5), ['0 h', '1 h', '2 h', '3 h', '4 h', '5 h']);
  assert.deepEqual(
    timeTicks(2755, 2).map(({ seconds }) => seconds),
    [0, 1200, 2400],
  );
  assert.deepEqual(texts(0, 3), ['0 ms']);
});
