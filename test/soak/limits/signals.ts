import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StrategyName } from '../../../src/index.ts';
import { pathBytes, pictureServer } from '../../support/picture-server.ts';
import { eventually } from '../eventually.ts';
import { isRunning, type Program } from '../program.ts';
import { randomNumbers } from '../random.ts';
import { type Job, openJob } from './job.ts';

export interface SignalPlan {
  program: Program;
  strategy: StrategyName;
  signals: number;
  seed: number;
  endlessAt?: number;
  /** From the signal to the end: what is in flight has five seconds, then workers and journal are closed. */
  mostEndMs: number;
}

const paths = Array.from({ length: 80 }, (_, n) =>
  n % 20 === 3 ? `/400000/large${n}.jpg` : `/20000/p${n}.jpg`,
);
/** Sent without an end, until the last run: it is broken off when the five seconds are over. */
const endless = '/300000/endless.jpg';

/**
 * SIGINT (to the whole group, as Ctrl-C) and SIGTERM at random moments: the run ends in time with 130, nothing torn,
 * and the next goes on. The item at `endlessAt` in the list, if any, would never end by itself.
 */
export async function interrupt({ program, strategy, signals, seed, endlessAt, mostEndMs }: SignalPlan) {
  const draw = randomNumbers(seed);
  let isLast = false;
  const server = await pictureServer((path, response) => {
    const picture = pathBytes(path)!;
    response.writeHead(200, { 'content-length': picture.length });
    if (path === endless && !isLast) {
      const more = setInterval(() => response.write(picture.subarray(0, 100)), 50);
      response.once('close', () => clearInterval(more));
    } else setTimeout(() => response.end(picture), 30);
    return true;
  });
  const all = endlessAt === undefined ? paths : paths.toSpliced(endlessAt, 0, endless);
  const words = ['-c', '6', '-w', '3'];
  await using job = await openJob({ program, strategy, paths: all, server, words });
  const finished = new Set<string>();
  let longestMs = 0;
  let sent = 0;
  for (let n = 0; n < signals; n += 1) {
    const ended = await interrupted(job, draw, n % 2 === 0 ? 'SIGINT' : 'SIGTERM', finished);
    if (ended === null) break;
    assert.ok(ended < mostEndMs, `the end came ${ended} ms after the signal`);
    sent += 1;
    longestMs = Math.max(longestMs, ended);
  }
  isLast = true;
  await job.finish();
  return { signals: sent, longestMs: Math.round(longestMs) };
}

/** Milliseconds from the signal to the end; null where the run had come to its end before. */
async function interrupted(
  { server, destination, start }: Job,
  draw: () => number,
  signal: 'SIGINT' | 'SIGTERM',
  finished: Set<string>,
): Promise<number | null> {
  using run = start();
  const asked = server.requests.length;
  const enough = asked + 1 + Math.floor(draw() * 20);
  const isThere = () => server.requests.length >= enough || !isRunning(run.child);
  // Where one waits for what does not end, no more come.
  await Promise.race([eventually('requests', 60_000, isThere), sleep(1500)]);
  await sleep(draw() * 50);
  if (!isRunning(run.child)) return null;
  const begun = performance.now();
  if (signal === 'SIGINT') run.signalAll(signal);
  else run.child.kill(signal);
  const { code, stderr } = await run.ended;
  const tookMs = performance.now() - begun;
  if (code === 0) {
    // The signal came too late: everything was done.
    destination.assertComplete();
    return null;
  }
  assert.equal(code, 130, stderr);
  assert.match(stderr, /interrupted: run the same command again to go on\n$/);
  destination.assertNoLeftovers();
  const again = server.requests.slice(asked).filter((path) => finished.has(path));
  assert.deepEqual(again, [], 'what was there is fetched again');
  for (const path of destination.whole()) finished.add(path);
  return tookMs;
}
