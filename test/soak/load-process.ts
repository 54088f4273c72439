import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hasProc } from '../support/processes.ts';
import type { LoadJob, LoadMessage } from './load-messages.ts';

/** A run in a process of its own, that measures itself and ends when nothing is left to do. */
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const { library, options, sampleEvery }: LoadJob = JSON.parse(process.argv[2]!);
const { download }: typeof import('../../src/index.ts') = await import(library);

const say = async (message: LoadMessage) => {
  if (!process.stdout.write(`${JSON.stringify(message)}\n`)) await once(process.stdout, 'drain');
};

async function heapInUse(): Promise<number> {
  // What a finished download still holds on to is let go within a turn of the loop.
  for (let n = 0; n < 3; n += 1) {
    collectGarbage();
    await turn();
  }
  return process.memoryUsage().heapUsed;
}

/** Timers, sockets, files that are open, sorted: those that Node knows of, and those that the system does. */
function open(): string[] {
  const known = process.getActiveResourcesInfo().filter((it) => it !== 'Immediate');
  const descriptors = hasProc ? readdirSync('/proc/self/fd').flatMap(target) : [];
  return [...known, ...descriptors].sort();
}

function target(descriptor: string): string[] {
  try {
    // The number of a pipe or a socket says nothing.
    return [readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[.*/, '')];
  } catch {
    // The one by which the list was read.
    return [];
  }
}

await say({ type: 'sample', seen: 0, heapBytes: await heapInUse() });
// Node opens it at its first use; a worker thread's is a use of it.
process.stderr.uncork();
const opened = open();
const run = download([], options);
let seen = 0;
for await (const event of run) {
  if (event.event !== 'outcome') continue;
  const { index, status, path, attempts, error } = event;
  await say({ type: 'outcome', index, status, path, attempts, code: error?.code });
  seen += 1;
  if (seen % sampleEvery === 0) await say({ type: 'sample', seen, heapBytes: await heapInUse() });
}
const summary = await run.summary;
await say({ type: 'end', summary });
// The last of a child process, its channel, is closed some turns after its exit.
for (let n = 0; n < 50 && open().join() !== opened.join(); n += 1) await sleep(10);
await say({ type: 'open', before: opened, after: open() });
