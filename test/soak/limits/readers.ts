import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StrategyName } from '../../../src/index.ts';
import { descendants, hasProc, residentBytes } from '../../support/processes.ts';
import type { Program } from '../program.ts';
import { inFlight, type Job, openJob, pathsOf } from './job.ts';

export interface ReaderPlan {
  program: Program;
  strategy: StrategyName;
  items: number;
}

const jsonJob = ({ program, strategy, items }: ReaderPlan): Promise<Job> =>
  openJob({
    program,
    strategy,
    paths: pathsOf(items, 2000),
    words: [...inFlight(20), '--json', '--quiet'],
  });

const mostEndMs = 6000;

/** `--json | head -500`: the reader goes away after so many lines, and the run ends quietly, long before its end. */
export async function goneReader(plan: ReaderPlan & { lines?: number }) {
  const { items, lines = 500 } = plan;
  await using job = await jsonJob(plan);
  using run = job.start({ stdout: 'own' });
  const { stdout } = run.child;
  // Leaving the iteration closes it.
  for await (const _ of Readable.from(createInterface({ input: stdout! })).take(lines));
  stdout!.destroy();
  const begun = performance.now();
  const { code, stderr } = await run.ended;
  const tookMs = performance.now() - begun;
  assert.deepEqual([code, stderr], [130, '']);
  assert.ok(tookMs < mostEndMs, `${tookMs} ms`);
  const asked = job.server.requests.length;
  assert.ok(asked < items / 2, `${asked} requests for nobody`);
  job.destination.whole();
  job.destination.assertNoLeftovers();
  return { items, requests: asked, endMs: Math.round(tookMs) };
}

/** What may be done before the first outcome is read: events, outcomes and work that may wait, and a pipe's fill. */
const mostAhead = 5000;
const stillMs = 700;

/**
 * `--json` to a reader that reads nothing for a while: the run stops after so many items, whatever their number, and
 * holds no more memory than that; then all of it arrives.
 */
export async function slowReader(plan: ReaderPlan) {
  const { items } = plan;
  assert.ok(items > 2 * mostAhead);
  await using job = await jsonJob(plan);
  using run = job.start({ stdout: 'own' });
  const { requests } = job.server;
  let before = -1;
  while (requests.length === 0 || requests.length !== before) {
    before = requests.length;
    await sleep(stillMs);
  }
  assert.ok(before < mostAhead, `${before} items ahead of the reader`);
  const pids = hasProc ? [run.child.pid!, ...descendants(run.child.pid!).map(({ pid }) => pid)] : [];
  const rssBytes = Math.max(0, ...pids.map((pid) => residentBytes(pid).now));
  let outcomes = 0;
  for await (const line of createInterface({ input: run.child.stdout! })) {
    if (JSON.parse(line).event === 'outcome') outcomes += 1;
  }
  const { code, stderr } = await run.ended;
  assert.deepEqual([code, stderr, outcomes], [0, '', items]);
  job.destination.assertComplete();
  return { items, ahead: before, rssMegabytes: Math.round(rssBytes / 2 ** 20) };
}
