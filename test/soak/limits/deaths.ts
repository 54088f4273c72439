import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answer, pictureServer } from '../../support/picture-server.ts';
import { descendants, isWorker } from '../../support/processes.ts';
import { scratch } from '../../support/scratch.ts';
import { eventually } from '../eventually.ts';
import { isRunning, type Program } from '../program.ts';
import { randomNumbers } from '../random.ts';
import { assertSavedOnce, type Job, openJob, pathsOf } from './job.ts';

export interface DeathsPlan {
  program: Program;
  /** Processes are killed with `kill -9`, threads throw what nobody catches. */
  strategy: 'threads' | 'processes';
  items: number;
  /** Items from one death to the next, about; few beside those in flight, an item may be there at three, and fail. */
  itemsBetween: number;
  seed: number;
}

/** Workers die at random all the time: every item is saved, with one outcome, and the deaths are said once. */
export async function dyingWorkers({ program, strategy, items, itemsBetween, seed }: DeathsPlan) {
  const paths = pathsOf(items, 20_000);
  const words = ['-w', '3', '--per-worker', '2', '--json', '--quiet'];
  // Not so fast that all are done before somebody dies.
  const server = await pictureServer((path, response) => {
    setTimeout(() => answer(path, response), 5);
    return true;
  });
  await using job = await openJob({ program, strategy, paths, server, words });
  const run = strategy === 'threads' ? killedFromWithin : killedFromOutside;
  const { deaths, code, stdout, stderr } = await run(job, itemsBetween, seed);
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(deaths > 0, 'nobody died: the run was too short to tell anything');
  const notes = assertSavedOnce(stdout, paths);
  assert.equal(notes.filter((note) => note.includes('its downloads go to another')).length, 1);
  assert.equal(new Set(notes).size, notes.length, notes.join('; '));
  job.destination.assertComplete();
  return { items, deaths };
}

async function killedFromOutside(job: Job, itemsBetween: number, seed: number) {
  const draw = randomNumbers(seed);
  using run = job.start();
  const { requests } = job.server;
  let deaths = 0;
  for (let next = 100; isRunning(run.child); next = requests.length + 2 * itemsBetween * draw()) {
    await eventually('work', 60_000, () => requests.length > next || !isRunning(run.child));
    if (!isRunning(run.child)) break;
    const workers = descendants(run.child.pid!).filter(isWorker);
    const victim = workers[Math.floor(draw() * workers.length)];
    if (victim === undefined) continue;
    try {
      process.kill(victim.pid, 'SIGKILL');
      deaths += 1;
    } catch {
      // It has ended meanwhile.
    }
  }
  return { deaths, ...(await run.ended) };
}

async function killedFromWithin(job: Job, itemsBetween: number, seed: number) {
  using work = scratch();
  const file = join(work.path, 'deaths');
  writeFileSync(file, '');
  const entry = new URL('./mortal-thread.ts', import.meta.url);
  entry.search = String(
    new URLSearchParams({ deaths: file, items: String(itemsBetween), seed: String(seed) }),
  );
  const ended = await job.start({ nodeOptions: `--import ${entry}` }).ended;
  return { deaths: readFileSync(file).length, ...ended };
}
