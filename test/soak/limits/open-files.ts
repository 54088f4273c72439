import assert from 'node:assert/strict';
import type { StrategyName } from '../../../src/index.ts';
import type { Program } from '../program.ts';
import { assertSavedOnce, inFlight, openJob, pathsOf } from './job.ts';

export interface OpenFilesPlan {
  program: Program;
  strategy: StrategyName;
  items: number;
  concurrency: number;
  /** `ulimit -n`, for each process. */
  openFiles: number;
}

/** More at once than there are descriptors for: fewer go at once, none is lost, and it is said once. */
export async function fewOpenFiles({ program, strategy, items, concurrency, openFiles }: OpenFilesPlan) {
  const paths = pathsOf(items, 3000);
  const words = [...inFlight(concurrency), '--json', '--quiet'];
  await using job = await openJob({ program, strategy, paths, server: 'slow', words });
  const { code, stdout, stderr } = await job.start({ openFiles }).ended;
  assert.deepEqual([code, stderr], [0, '']);
  const notes = assertSavedOnce(stdout, paths);
  // Fewer downloads, fewer workers.
  assert.equal(new Set(notes.map((note) => note.replace(/^.*; /, ''))).size, notes.length, notes.join('\n'));
  job.destination.assertComplete();
  return { items, concurrency, openFiles, said: notes.length };
}
