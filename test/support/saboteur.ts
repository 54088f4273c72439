import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort } from 'node:worker_threads';
import type { Work } from '../../src/core/run-spec.ts';

/**
 * Preloaded into a run (`node --import`, the plan in its address) it makes the run's own workers die, in the ways that workers
 * die: a thread by an exception that nobody catches, a process by SIGKILL, either while it starts.
 */
export interface Sabotage {
  /** A directory for what the workers of a run have to know of each other. */
  dir: string;
  /** Work whose address holds this is deadly, so many times. */
  deadly?: string;
  deaths?: number;
  /** Which starts fail, counted from 0 over all workers of the run. */
  failingStarts?: number[];
  /** Which find that no file can be opened any more; of processes, which have descriptors of their own. */
  starvedStarts?: number[];
}

/** Whether this is among the first `times` calls for `what`, over all workers. */
function isAmongFirst(dir: string, what: string, times: number): boolean {
  return countUp(dir, what, times) < times;
}

function countUp(dir: string, what: string, most: number): number {
  for (let n = 0; n < most; n += 1) {
    try {
      closeSync(openSync(join(dir, `${what}-${n}`), 'wx'));
      return n;
    } catch {
      // It was another's.
    }
  }
  return most;
}

function openAllThereIs(): void {
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {
    // That was the last.
  }
}

/** Not from the environment, of which workers get but a part. */
const text = new URL(import.meta.url).searchParams.get('plan');
const isWorker = !isMainThread || process.argv[1]?.includes('/strategies/worker.') === true;

if (text !== null && isWorker) {
  const sabotage: Sabotage = JSON.parse(text);
  const { dir, deadly, deaths = Number.POSITIVE_INFINITY } = sabotage;
  const start = countUp(dir, 'start', 100);
  if (sabotage.failingStarts?.includes(start)) process.exit(1);

  const mailbox = (isMainThread ? process : parentPort) as NodeJS.EventEmitter;
  const on = mailbox.on.bind(mailbox);
  mailbox.on = (name, listener) => {
    if (name !== 'message') return on(name, listener);
    return on(name, (message: { type: string; works?: [id: number, work: Work][] }) => {
      if (message.type === 'start' && sabotage.starvedStarts?.includes(start)) openAllThereIs();
      const isDeadly =
        deadly !== undefined && message.works?.some(([, { item }]) => item.url.includes(deadly)) === true;
      if (isDeadly && isAmongFirst(dir, 'death', Math.min(deaths, 100))) {
        if (isMainThread) process.kill(process.pid, 'SIGKILL');
        throw new Error('sabotage');
      }
      listener(message);
    });
  };
}
