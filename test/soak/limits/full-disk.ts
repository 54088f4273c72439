import assert from 'node:assert/strict';
import type { StrategyName } from '../../../src/index.ts';
import { tinyDisk } from '../../support/tiny-disk.ts';
import type { Program } from '../program.ts';
import { eventsIn, inFlight, openJob } from './job.ts';

export interface FullDiskPlan {
  program: Program;
  strategy: StrategyName;
  items: number;
  /** Room for some of them. */
  diskBytes: number;
}

const sizes = [400_000, 40_000, 40_000, 300_000, 20_000, 1_200_000, 60_000, 40_000];

/**
 * A disk that becomes full in the middle of a run: exit 5, said once and clearly, nothing torn, nothing left over; and
 * where there is room, the same command finishes, in the same directory.
 */
export async function fullDisk({ program, strategy, items, diskBytes }: FullDiskPlan) {
  using disk = tinyDisk(diskBytes)!;
  const paths = Array.from({ length: items }, (_, n) => `/${sizes[n % sizes.length]}/p${n}.jpg`);
  const words = inFlight(8);
  await using job = await openJob({ program, strategy, paths, words, dir: disk.path });
  const { code, stdout, stderr } = await job.start({}, '--json', '--quiet').ended;
  assert.equal(code, 5, stderr);
  assert.match(stderr, new RegExp(`^gallop: [^\n]*${disk.path}[^\n]*\n([^\n]+\n)?$`));
  const events = eventsIn(stdout);
  const of = (name: string) => events.filter(({ event }) => event === name);
  assert.deepEqual(
    of('error').map((it) => [it.code, it.exitCode]),
    [['no-space', 5]],
  );
  const saved = of('outcome').map(({ status }) => status);
  assert.deepEqual(new Set(saved), new Set(['saved']));
  assert.deepEqual(
    of('end').map((it) => [it.exitCode, it.saved]),
    [[5, saved.length]],
  );
  const whole = job.destination.whole();
  assert.ok(whole.length >= saved.length && whole.length < items);
  job.destination.assertNoLeftovers();

  disk.grow(2 * paths.reduce((sum, path) => sum + Number(path.split('/')[1]), 0));
  const asked = job.server.requests.length;
  await job.finish();
  // What was whole is not fetched again, be it in the journal, which had no room either, or not.
  const again = job.server.requests.slice(asked).filter((path) => whole.includes(path));
  assert.deepEqual(again, []);
  return { items, diskBytes, beforeFull: whole.length };
}
