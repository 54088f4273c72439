import assert from 'node:assert/strict';
import type { StrategyName } from '../../../src/index.ts';
import { answer, Gate, pictureServer } from '../../support/picture-server.ts';
import type { Program } from '../program.ts';
import { openJob, pathsOf } from './job.ts';

export interface TwoAtOncePlan {
  program: Program;
  strategy: StrategyName;
  /** Of the same command, started together. */
  commands: number;
}

/** One of them does it all, fetching nothing twice; the others say who holds the directory, and end with 2. */
export async function manyAtOnce({ program, strategy, commands }: TwoAtOncePlan) {
  const paths = pathsOf(40, 20_000);
  // The one is not done before the others have ended.
  const gate = new Gate();
  const server = await pictureServer((path, response) => {
    gate.hold(() => answer(path, response));
    return true;
  });
  await using job = await openJob({ program, strategy, paths, server, words: ['-c', '4', '--quiet'] });
  const runs = Array.from({ length: commands }, () => job.start());
  let running = commands;
  for (const { ended } of runs) {
    void ended.then(() => {
      running -= 1;
      if (running === 1) gate.release();
    });
  }
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  assert.deepEqual(ends.map(({ code }) => code).sort(), [0, ...Array(commands - 1).fill(2)]);
  const winner = ends.findIndex(({ code }) => code === 0);
  for (const [n, { stderr }] of ends.entries()) {
    if (n === winner) assert.equal(stderr, '');
    else
      assert.ok(
        stderr.includes(`${runs[winner]!.child.pid}`) && stderr.includes(job.destination.dir),
        stderr,
      );
  }
  assert.equal(job.server.requests.length, paths.length);
  job.destination.assertComplete();
  return { commands };
}
