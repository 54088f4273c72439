import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../src/race/explain.ts';
import { figuresOf, identicalTrees } from '../../src/race/figures.ts';
import { headline } from '../../src/race/headline.ts';
import type { RunMeasurement } from '../../src/race/measurement.ts';
import { computingBound, measured, type Scene, waitingBound, windowOf } from './synthetic.ts';

const figures = (runs: RunMeasurement[]) => figuresOf([...new Set(runs.map((run) => run.strategy))], runs);
const explained = (runs: RunMeasurement[], cores = 2): string =>
  explain(figures(runs), identicalTrees(runs), { cores }).join('\n');

test('a race of waiting is explained by waiting, with the figures of one at a time', () => {
  const text = explained(waitingBound());
  assert.match(
    text,
    /^async was the fastest: 40 pictures \(12\.0 MB\) in 0\.\d\d s, 3\d times as fast as sync/,
  );
  assert.match(
    text,
    /a picture took 0\.55 s: 0\.10 s until its first byte and 0\.45 s for its body, at \d+ kB\/s/,
  );
  assert.match(text, /worked for 0\.60 s of the 22\.\d s, 3 %; the rest was waiting/);
  assert.doesNotMatch(text, /all that overlapping|event loop/);
});

test('the overlap of the winner adds up: mean in flight is the time of all items over that of the run', () => {
  const text = explained(waitingBound());
  const [, mean, count, each, all, wall] =
    /async had up to 40 in flight, (\d+) on average: (\d+) pictures of ([\d.]+) s each are ([\d.]+) s of downloading, done in ([\d.]+) s/.exec(
      text,
    )!;
  assert.ok(Math.abs(Number(count) * Number(each) - Number(all)) < 0.02 * Number(all));
  assert.ok(Math.abs(Number(all) / Number(wall) - Number(mean)) < 1);
});

test('when all was in flight at once the slowest item is named as the limit', () => {
  assert.match(
    explained(waitingBound()),
    /Everything was in flight at once, so the slowest one, of 0\.\d\d s, set the time/,
  );
});

test('pools whose gain is their number are said to wait as the one did', () => {
  const text = explained(waitingBound());
  assert.match(
    text,
    /threads, 5 at once, took 4\.\d\d s, 4\.\d times as fast as one at a time: each waits as the one did/,
  );
  assert.match(
    text,
    /processes, 2 at once, took 11\.\d s, 1\.9\d times as fast as one at a time: each waits/,
  );
  assert.match(text, /threads began their first download after 90 ms and used 160 MB and 1\.10 s/);
});

test('a race of computing is explained by computing', () => {
  const text = explained(computingBound());
  assert.match(text, /^processes was the fastest/);
  assert.match(text, /79 %: the other 0\.50 s is all that overlapping can take away/);
  assert.match(text, /1\.9 of 2 cores were busy: computing, not the network, was the limit/);
  assert.match(text, /async had up to 100 in flight, but all on one event loop, busy 97 % of the time/);
  assert.doesNotMatch(text, /the rest was waiting/);
});

test('a pool that lost to one at a time is said to, with what it lost its time on', () => {
  const runs = computingBound(1).filter((run) => run.strategy !== 'processes');
  const threads = measured({
    strategy: 'threads',
    slots: 5,
    items: 2000,
    firstByteMs: 5,
    bodyMs: 3,
    startMs: 400,
  });
  threads.phases = { ...threads.phases, firstByte: 400, body: 300 };
  const text = explained([...runs, threads]);
  assert.match(
    text,
    /threads, 5 at once, took 4\.0\d s, 1\.6\d times as long as one at a time: starting took 0\.40 s of it and 8\d % of the time of a download was its way to the worker and back/,
  );
});

test('a winner whose event loop is full is told that other cores could help', () => {
  const runs = computingBound().filter((run) => run.strategy !== 'processes');
  assert.match(
    explained(runs),
    /Its event loop was busy 97 % of the time: it, not the network, was the limit, and threads or processes/,
  );
});

test('transfers that slow each other down point at the link or the server, not at the number', () => {
  const text = explained([
    measured({ strategy: 'sync', slots: 1, items: 200, bodyMs: 300 }),
    measured({ strategy: 'async', slots: 100, items: 200, bodyMs: 2000 }),
  ]);
  assert.match(
    text,
    /each then took 5\.\d times as long on the network as alone: the link or the server gave no more/,
  );
});

test('the same rate with fewer in flight points at the link or the server, also without sync', () => {
  const text = explained([
    measured({ strategy: 'async', slots: 100, items: 400, bodyMs: 2000 }),
    measured({ strategy: 'auto', slots: 25, items: 400, bodyMs: 450 }),
  ]);
  assert.match(text, /moved as much with \d+ in flight: the link or the server gave no more/);
});

test('full slots with an idle processor point at the number', () => {
  const text = explained([
    measured({ strategy: 'sync', slots: 1, items: 1000 }),
    measured({ strategy: 'async', slots: 20, items: 1000 }),
  ]);
  assert.match(text, /Nearly all of its 20 slots were full all the time/);
});

test('strategies within each other’s noise are called equally fast', () => {
  const runs = [1, 2, 3].flatMap((run) => [
    measured({ strategy: 'async', slots: 40, run, noise: 1 + run / 100 }),
    measured({ strategy: 'auto', slots: 40, run, noise: 1.01 + run / 100 }),
    measured({ strategy: 'sync', slots: 1, run }),
  ]);
  assert.match(explained(runs), /^async and auto were equally fast, as far as these runs can tell/);
  assert.match(headline(figures(runs)), /^async and auto were \d+ times as fast as sync$/);
  assert.match(explained(runs), /That cost no time that these runs could tell, against async,/);
});

test('what choosing its number cost auto is said where it is more than noise', () => {
  assert.match(
    explained(waitingBound()),
    /auto had to find its number first: up to 24 in flight\. It took 1\.7\d times as long as async, the best of those that were told theirs \(up to 40\)/,
  );
});

test('what auto chose is told from its window and in its own words, and a better number than the best is said', () => {
  const auto = measured({ strategy: 'auto', slots: 30, items: 200, bodyMs: 200 });
  auto.window = windowOf(
    [
      [0.1, 16, 'growing'],
      [1, 30, 'growing'],
      [1.1, 18, 'hosts'],
      [1.7, 20, 'hosts'],
      [1.8, 20, 'hosts', 1],
    ],
    'the host takes no more; in 2 threads',
  );
  const text = explained([measured({ strategy: 'async', slots: 100, items: 200, bodyMs: 2000 }), auto]);
  assert.match(
    text,
    /auto had to find its number first: it allowed 16 in flight after 0\.10 s, 30 after 1\.00 s, then mostly 18; it used up to 30\. Its reason: the host takes no more; in 2 threads\./,
  );
  assert.match(text, /It was 2\.\d times as fast as async, the best of those that were told theirs/);
});

test('of auto with everything in flight at once no reason is told, and with less done it is compared with nobody', () => {
  const auto = measured({ strategy: 'auto', slots: 40, failed: 2 });
  auto.window = windowOf([[0.1, 40, 'growing']], 'the work ran out while more still paid');
  const text = explained([measured({ strategy: 'async', slots: 40 }), auto]);
  assert.match(
    text,
    /it allowed 40 in flight after 0\.10 s; it used up to 40, which was everything at once\./,
  );
  assert.doesNotMatch(text, /Its reason|told theirs/);
});

test('one strategy alone is not compared with anything', () => {
  const text = explained([measured({ strategy: 'sync', slots: 1 })]);
  assert.match(text, /^sync took 22\.\d s for 40 pictures \(12\.0 MB\)\. It ran alone/);
  assert.doesNotMatch(text, /fastest|times as fast|differ by/);
});

test('a single picture leaves nothing to overlap', () => {
  const text = explained([
    measured({ strategy: 'sync', slots: 1, items: 1 }),
    measured({ strategy: 'async', slots: 100, items: 1 }),
    measured({ strategy: 'processes', slots: 2, items: 1, startMs: 300 }),
  ]);
  assert.match(text, /With a single picture there is nothing to do side by side/);
  assert.doesNotMatch(text, /1 pictures|One at a time|slots/);
});

test('failures are said, and a strategy that skipped work by failing does not win', () => {
  const text = explained([
    measured({ strategy: 'sync', slots: 1 }),
    measured({ strategy: 'async', slots: 40, failed: 7 }),
  ]);
  assert.match(text, /^sync was the fastest/);
  assert.match(
    text,
    /Not everything arrived: async failed at 7 pictures\. async ended sooner with less done/,
  );
});

test('a run that died and trees that differ are said', () => {
  const dead = { ...measured({ strategy: 'async', slots: 40 }), finished: false, failed: 40, tree: 'less' };
  const text = explained([measured({ strategy: 'sync', slots: 1 }), dead]);
  assert.match(text, /1 of 1 run of async died\./);
  assert.match(text, /did not all leave the same files/);
});

test('when nothing could be saved nothing is explained away', () => {
  const text = explained([
    measured({ strategy: 'sync', slots: 1, items: 3, failed: 3 }),
    measured({ strategy: 'async', slots: 3, items: 3, failed: 3 }),
  ]);
  assert.match(text, /^No strategy could save anything/);
  assert.doesNotMatch(text, /One at a time|waits as the one did|processor/);
  assert.doesNotMatch(text, /the link|in flight at once/);
});

/** A hundred pictures of 300 kB that become 20 kB each, 16 ms of processor time a picture. */
const picturesComputed = (more: Partial<Scene> = {}): RunMeasurement[] => {
  const common = { items: 100, pictureCpuSeconds: 1.6, cpuSeconds: 2, ...more };
  return [
    measured({ ...common, strategy: 'sync', slots: 1, stageMs: 20 }),
    measured({ ...common, strategy: 'threads', slots: 5, stageMs: 22 }),
    measured({ ...common, strategy: 'async', slots: 40, stageMs: 600 }),
  ].map((run) => ({ ...run, bytes: run.saved * 20_000 }));
};

test('what computing pictures took is told, where it was done, and for whom it was the limit', () => {
  const text = explained(picturesComputed());
  assert.match(text, /async was the fastest: 100 pictures \(30\.0 MB, stored as 2\.00 MB\)/);
  // Bodies are timed as they came, not as they were stored.
  assert.match(text, /0\.45 s for its body, at 6\d\d kB\/s/);
  assert.match(text, /took 16 ms of processor time a picture under async, 1\.60 s of its 2\.00 s\./);
  assert.match(text, /processes of its own, up to 2 beside one event loop and one for each worker of a pool/);
  assert.match(text, /can use several cores for it, and no threads are needed/);
  assert.match(
    text,
    /Computing was the limit under async \(\d\d on average in the image stage, where 2 at a time are computed, 0\.\d of 2 cores busy\)\./,
  );
  assert.match(
    text,
    /Computing was not the limit under threads \(a picture was in the image stage for 4 % of its time, 0\.2 of 2 cores busy\)\./,
  );
  assert.match(
    text,
    /Pictures came faster than they could be computed, 2 at a time: computing, not the network, was the limit/,
  );
  assert.doesNotMatch(text, /BlurHash|slots were full|gave no more|more of them it would/);
});

test('a picture that is computed is not in flight any more, and both add up to the time of the run', () => {
  const text = explained(picturesComputed());
  const [, flying, staged, all, wall] =
    /up to 40 in flight, (\d+) on average, and (\d+) more in the image stage: .* are (?:1:)?([\d.]+) (?:s|min) of downloading and computing, done in ([\d.]+) s/.exec(
      text,
    )!;
  assert.ok(Number(flying) <= 40);
  // 115 s in words: 1:55 min.
  assert.ok(Math.abs((60 + Number(all)) / Number(wall) - Number(flying) - Number(staged)) < 1.5);
});

test('where native code uses all cores it is said, and no thread is recommended', () => {
  const [cpuSeconds, pictureCpuSeconds] = [4.2, 4];
  const runs = picturesComputed().map((run) =>
    run.strategy === 'async'
      ? { ...run, usage: { ...run.usage, cpuSeconds, pictureCpuSeconds, eventLoopUtilization: 0.95 } }
      : run,
  );
  const text = explained(runs.filter((run) => run.strategy !== 'threads'));
  assert.match(text, /All in all 1\.\d of 2 cores were busy/);
  assert.match(text, /Computing was the limit under async \(1\.\d of 2 cores busy\)\./);
  assert.doesNotMatch(text, /could use the other cores|event loop was/);
});

test('a loop is not blamed where all cores had work', () => {
  const slow = measured({ strategy: 'auto', slots: 5, items: 100, stageMs: 100, loop: 0.97 });
  const full = { ...slow, usage: { ...slow.usage, cpuSeconds: 1.9 * slow.seconds, pictureCpuSeconds: 2 } };
  assert.doesNotMatch(explained([...picturesComputed(), full]), /all on one event loop/);
  const alone = { ...slow, usage: { ...slow.usage, cpuSeconds: slow.seconds } };
  assert.match(explained([...picturesComputed(), alone]), /all on one event loop, busy 97 %/);
});

test('on one core nothing is said of several', () => {
  const runs = picturesComputed();
  const text = explained(runs, 1);
  assert.match(text, /on one core that shortens nothing, but other pictures are fetched meanwhile/);
  assert.doesNotMatch(text, /several|other cores|threads are needed/);
});

test('a BlurHash is said to be JavaScript, and who has how many cores for it', () => {
  const text = explained(picturesComputed({ blurhash: true, cpuSeconds: 2.6 }));
  assert.match(
    text,
    /The other 10 ms a picture \(async\) are for network, disk and the BlurHash, which is JavaScript .* one event loop, as under async, has one core for it, threads and processes have several/,
  );
  assert.doesNotMatch(explained(picturesComputed({ blurhash: true }), 1), /has one core/);
});

test('computing that hid behind the network is not called the limit', () => {
  const text = explained([
    measured({ strategy: 'sync', slots: 1, items: 100, stageMs: 20, pictureCpuSeconds: 1.6, cpuSeconds: 2 }),
    measured({
      strategy: 'async',
      slots: 10,
      items: 100,
      stageMs: 25,
      pictureCpuSeconds: 1.6,
      cpuSeconds: 2,
    }),
  ]);
  assert.match(
    text,
    /Computing was not the limit under async \(0\.4 on average in the image stage and [\d.]+ on the network, 0\.4 of 2 cores busy\)/,
  );
  assert.match(text, /Nearly all of its 10 slots were full all the time/);
});

test('nothing is said of computing where no picture was decoded', () => {
  assert.doesNotMatch(explained(waitingBound()), /image stage|Decoding|stored as/);
});

test('nothing that is written is not a number', () => {
  const empty = ['sync', 'async'].map((strategy) => ({
    ...measured({ strategy: strategy as 'sync', slots: 1, items: 1 }),
    ...{ items: 0, saved: 0, bytes: 0, seconds: 0, occupiedMs: 0, longestMs: 0, bars: [] },
  }));
  const sets = [
    empty,
    waitingBound(1),
    computingBound(1),
    [measured({ strategy: 'threads', slots: 5 })],
    picturesComputed(),
  ];
  for (const runs of sets) assert.doesNotMatch(explained(runs), /NaN|Infinity|undefined|null/);
});
