import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EmulatedOrigin } from '../../bench/networks/emulated-origin.ts';
import { GallopRunner, type Run } from '../../bench/networks/gallop-run.ts';
import { networks, originQuery } from '../../bench/networks/network-list.ts';
import { report } from '../../bench/networks/report.ts';
import { type Result, Results } from '../../bench/networks/results.ts';
import { closeToBest, secondsOf } from '../../bench/networks/sweep.ts';
import { parseOriginOptions } from '../../src/origin/options.ts';
import { scratch } from '../support/scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('every network has a name of its own and is one that the origin can emulate, in all sizes', () => {
  assert.equal(new Set(networks.map(({ name }) => name)).size, networks.length);
  for (const network of networks) {
    for (const images of [20, 200, network.most ?? 1000]) {
      const { change, changed, ...options } = parseOriginOptions(originQuery(network, images));
      assert.equal(options.images, images);
      assert.equal(change === null, Object.keys(changed).length === 0, network.name);
      if (change !== null) assert.deepEqual(change, { afterRequests: images / 2 });
    }
  }
});

test('a run is timed, its files are counted, and the origin says what was asked of it', async (t) => {
  const origin = await EmulatedOrigin.start('?images=6&bytes=3KB&kinds=jpeg&rtt=20ms&knee=2&retryafter=none');
  t.after(() => origin.close());
  const runner = new GallopRunner(root, origin);
  t.after(runner.close);
  const fixed = await runner.run(['-s', 'async', '-c', '2'], runner.freshState(), 20);
  assert.ok(fixed.seconds > 0.06 && fixed.seconds < 20);
  assert.deepEqual([fixed.missing, fixed.requests, fixed.refused, fixed.peakInFlight], [0, 6, 0, 2]);
  const greedy = await runner.run(['-s', 'async', '-c', '6', '--retries', '0'], runner.freshState(), 20);
  assert.ok(greedy.missing > 0 && greedy.missing === greedy.refused);
  const cutOff = await runner.run(['-s', 'sync'], runner.freshState(), 0.05);
  assert.equal(cutOff.missing, 6);
});

const run = (seconds: number, missing = 0): Run => ({
  seconds,
  missing,
  requests: 10,
  refused: 0,
  peakInFlight: 1,
  originCpuShare: 0,
});

test('who lost a picture is not the best, however fast', () => {
  assert.equal(secondsOf([run(1), run(3), run(2)]), 2);
  assert.equal(secondsOf([run(1), run(1, 1), run(1)]), Number.POSITIVE_INFINITY);
  const contestants = [[run(2)], [run(2.3)], [run(3)], [run(1, 5)]].map((runs, i) => ({
    name: String(i),
    args: [],
    runs,
  }));
  assert.deepEqual(
    closeToBest(contestants).map(({ name }) => name),
    ['0', '1'],
  );
});

test('the report has the ratios, their geometric mean and the worst; results are kept for the next run', () => {
  using dir = scratch();
  const file = path.join(dir.path, 'deep/results.json');
  const auto = {
    coldSeconds: 2,
    warmSeconds: 1,
    refusedShare: 0.03,
    missing: 1,
    peakInFlight: 7,
    originCpuShare: 0.1,
  };
  const near: Result = { network: 'near', query: '?a', best: { name: 'async 8', seconds: 1 }, auto };
  const far: Result = {
    ...near,
    network: 'far',
    query: '?b',
    auto: { ...auto, coldSeconds: 8, refusedShare: 0 },
  };
  const hard: Result = { ...near, network: 'hard', query: '?d', best: null };
  for (const result of [near, far, hard]) new Results(file).set(result);
  assert.ok(existsSync(file));
  const kept = new Results(file);
  assert.equal(kept.get('?c'), undefined);
  const text = report(
    ['?a', '?b', '?d'].map((query) => kept.get(query)!),
    1000,
  );
  assert.match(text, /\| near \| async 8 \| 1.00 \| 2.00 \| 2.00 \| 1.00 \| 3.0 % \| 1 \| 7 \| 10.0 % \|/);
  assert.match(text, /\| hard \| none \| {2}\| 2.00 \| {2}\| {2}\| 3.0 %/);
  assert.match(text, /cold: geometric mean 4.000 \(goal 1.05\), worst 8.00 on far \(goal 1.15\)/);
  assert.match(text, /refused above 2.0 %: near\n/);
  assert.match(text, /failed: 2\n/);
});
