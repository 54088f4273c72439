import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StrategyName } from '../../src/index.ts';
import { descendants, hasProc, isAlive, isWorker } from '../support/processes.ts';
import { scratch } from '../support/scratch.ts';
import { Destination, wordsFor } from './destination.ts';
import { eventually } from './eventually.ts';
import { type CommandRun, isRunning, type Program, startCommand } from './program.ts';
import { randomNumbers } from './random.ts';
import { type ServerKind, slowServer } from './slow-server.ts';

export interface KillPlan {
  program: Program;
  strategy: StrategyName;
  /** At most; fewer where the runs between them came to the end of the list. */
  kills: number;
  server: ServerKind;
  seed: number;
}

export interface KillFigures {
  /** Of a process that was running. */
  kills: number;
  /** Of those, the ones that left the worker processes to themselves. */
  parentAlone: number;
  /** Longest time that a worker process lived after its parent. */
  orphanMs: number;
  files: number;
  requests: number;
  /** Requests for what had been asked for before, and the most that there may be: what was in flight at the kills. */
  again: number;
  mayBeAgain: number;
  resumed: number;
  /** Bytes that the server sent for each byte of the files. */
  sentShare: number;
}

const inFlight: Record<StrategyName, number> = { sync: 1, threads: 3, processes: 3, async: 6, auto: 6 };
const words = ['-c', '6', '-w', '3', '--retries', '0', '--quiet'];
const orphanMostMs = 3000;

/** Small ones mostly, some of several pieces, a few large. */
const sizes = [20_000, 90_000, 1_300_000, 30_000, 50_000, 400_000, 20_000, 5_000_000, 40_000, 20_000];
const paths = Array.from({ length: 30 }, (_, n) => `/${sizes[n % sizes.length]}/picture${n}.jpg`);
const allBytes = 3 * sizes.reduce((sum, bytes) => sum + bytes);

/**
 * Kills a run with `kill -9` at random moments, each time starts the same again, and lets the last come to its
 * end. Throws where anything under a final name is not whole, is foreign, is lost, or is left over, and where
 * more is fetched again than was in flight.
 */
export async function killAndGoOn({
  program,
  strategy,
  kills,
  server: kind,
  seed,
}: KillPlan): Promise<KillFigures> {
  using work = scratch();
  using destination = new Destination(paths);
  await using server = await slowServer(kind);
  const input = join(work.path, 'list');
  writeFileSync(input, paths.map((path) => `${server.url}${path}\n`).join(''));
  const start = () => startCommand(program, [...wordsFor(destination.dir, input, strategy), ...words]);
  const draw = randomNumbers(seed);
  const finished = new Set<string>();
  const orphans: number[] = [];
  const figures = { kills: 0, parentAlone: 0, orphanMs: 0 };
  let asked = 0;
  /** What was whole at a kill is not asked for again. */
  const check = () => {
    assert.deepEqual(
      server.requests.slice(asked).filter((path) => finished.has(path)),
      [],
    );
    asked = server.requests.length;
    for (const path of destination.whole()) finished.add(path);
  };

  while (figures.kills < kills) {
    using run = start();
    const left = paths.length - finished.size;
    // Some die while they begin, most while they work; they do not come to the end before the last kill.
    if (draw() < 0.15) await sleep(draw() * 500);
    else {
      const most = (2 * left) / (kills - figures.kills + 1);
      const enough = asked + 1 + Math.floor(draw() * most);
      const isThere = () => server.requests.length >= enough || !isRunning(run.child);
      await eventually('a request of the run', 60_000, isThere);
      await sleep(draw() * 60);
    }
    if (!isRunning(run.child)) break;
    const isAlone = strategy === 'processes' && hasProc && figures.kills % 2 === 0;
    if (isAlone) orphans.push(...(await killParent(run)));
    else await killAll(run);
    figures.kills += 1;
    if (isAlone) figures.parentAlone += 1;
    // Half of the time the next run begins while the workers of the last one may still be there.
    if (draw() < 0.5) figures.orphanMs = Math.max(figures.orphanMs, await ended(orphans));
    check();
  }
  await ended(orphans);

  const last = await start().ended;
  assert.deepEqual([last.code, last.stderr], [0, '']);
  check();
  destination.assertComplete();
  const requests = server.requests.length;
  const again = requests - paths.length;
  const mayBeAgain = figures.kills * inFlight[strategy];
  assert.ok(again <= mayBeAgain, `${again} fetched again, with ${mayBeAgain} in flight at the kills`);
  const { resumed, sentBytes } = server;
  return {
    ...figures,
    files: paths.length,
    requests,
    again,
    mayBeAgain,
    resumed,
    sentShare: sentBytes / allBytes,
  };
}

async function killAll({ child, signalAll }: CommandRun): Promise<void> {
  const exit = once(child, 'exit');
  signalAll('SIGKILL');
  await exit;
}

/** Returns the processes of the workers that are left to themselves. */
async function killParent({ child }: CommandRun): Promise<number[]> {
  const workers = descendants(child.pid!).filter(isWorker);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  return workers.map(({ pid }) => pid);
}

/** Waits for the end of the processes, which they have to find by themselves; returns how long it took. */
async function ended(orphans: number[]): Promise<number> {
  const begun = performance.now();
  await eventually('the end of workers without a parent', orphanMostMs, () => !orphans.some(isAlive));
  orphans.length = 0;
  return performance.now() - begun;
}
