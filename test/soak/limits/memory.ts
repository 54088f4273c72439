import assert from 'node:assert/strict';
import type { StrategyName } from '../../../src/index.ts';
import { descendants, hasProc, residentBytes } from '../../support/processes.ts';
import { isRunning, type Program } from '../program.ts';
import { assertSavedOnce, inFlight, openJob, pathsOf } from './job.ts';

export interface MemoryPlan {
  program: Program;
  strategy: StrategyName;
  items: number;
  bytes: number;
  /** In flight. */
  concurrency: number;
  heapMegabytes: number;
  /** Of each process, threads included. */
  mostResidentMegabytes: number;
}

/**
 * All is downloaded by processes whose heaps may not grow beyond a limit, and what lies outside of the heap stays
 * within a bound, too: of a large body there are two pieces of 1 MiB at a time, one that comes and one that is written.
 */
export async function smallHeap(plan: MemoryPlan) {
  const { program, strategy, items, bytes, concurrency, heapMegabytes, mostResidentMegabytes } = plan;
  const paths = pathsOf(items, bytes);
  await using job = await openJob({
    program,
    strategy,
    paths,
    words: [...inFlight(concurrency), '--json', '--quiet'],
  });
  const run = job.start({ nodeOptions: `--max-old-space-size=${heapMegabytes}` });
  let peakBytes = 0;
  const watch = setInterval(() => {
    if (!hasProc || !isRunning(run.child)) return;
    const pids = [run.child.pid!, ...descendants(run.child.pid!).map(({ pid }) => pid)];
    peakBytes = Math.max(peakBytes, ...pids.map((pid) => residentBytes(pid).peak));
  }, 50);
  const { code, stdout, stderr } = await run.ended;
  clearInterval(watch);
  assert.deepEqual([code, stderr], [0, '']);
  assertSavedOnce(stdout, paths);
  job.destination.assertComplete();
  const peakRssMegabytes = Math.round(peakBytes / 2 ** 20);
  assert.ok(peakRssMegabytes < mostResidentMegabytes, `${peakRssMegabytes} MiB in memory`);
  return { items, bytes, peakRssMegabytes };
}
