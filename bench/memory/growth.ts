import { hash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gallopCommand } from '../contestants/gallop.ts';
import { exitFault, faultsIn } from '../faults.ts';
import { type Measured, measure } from '../measure.ts';
import { residentBelow } from '../resident.ts';
import { startNginx, tinyPath } from '../servers/nginx.ts';
import type { Tool } from '../tools.ts';
import type { Workspace } from '../workspace.ts';

export interface GrowthPlan {
  gallop: readonly string[];
  nginx: Tool;
  /** Length of the list. */
  urls: number;
  /** Distinct ones, in turn, whose names must lead to this machine; 0: the server's own address. */
  hosts: number;
}

export interface Growth {
  run: Measured;
  /** Over the time: requests that the server had seen, and bytes in memory. */
  samples: [done: number, bytes: number][];
  peakBytes: number;
  /** What was wrong. */
  faults: string[];
}

const everyMs = 250;

export const hostName = (number: number): string => `h${number}.bench.test`;

/** Downloads a list of tiny pictures that are there at once, and watches how the memory of gallop grows. */
export async function watchGrowth(workspace: Workspace, plan: GrowthPlan): Promise<Growth> {
  const { gallop, nginx, urls, hosts } = plan;
  const address = hosts === 0 ? '127.0.0.1' : '0.0.0.0';
  await using server = await startNginx(workspace, nginx, workspace.directory('www'), address);
  const { port, host } = new URL(server.url);
  const list = join(workspace.path, 'urls.txt');
  writeLines(list, urls, (n) => {
    const name = hosts === 0 ? host : `${hostName(n % hosts)}:${port}`;
    return `http://${name}${tinyPath}${n}.gif`;
  });
  const place = { out: workspace.directory('out'), state: workspace.directory('state') };
  const command = gallopCommand({ gallop }, list, [], place);

  const samples: Growth['samples'] = [];
  let peakBytes = 0;
  let isOver = false;
  const sample = async (pid: number) => {
    while (!isOver) {
      const { now, peak } = residentBelow(pid);
      peakBytes = Math.max(peakBytes, now, peak);
      // Before its start and after its end there is nothing.
      if (now > 0) samples.push([await server.requests(), now]);
      await sleep(everyMs);
    }
  };
  let sampling: Promise<void> | undefined;
  const run = await measure(workspace, command, {
    mostSeconds: 3600,
    watch: (pid) => {
      sampling = sample(pid);
      return { [Symbol.dispose]: () => (isOver = true) };
    },
  });
  await sampling;

  const tiny = await (await fetch(`${server.url}${tinyPath}0.gif`)).bytes();
  const digest = hash('sha256', tiny, 'hex');
  const expected = new Map(Array.from({ length: urls }, (_, n) => [`${n}.gif`, digest]));
  const faults = [exitFault(run), faultsIn(place.out, expected)].filter((it) => it !== '');
  workspace.remove('out');
  return { run, samples, peakBytes, faults };
}

/** A file of so many lines, without all of it in memory. */
function writeLines(path: string, count: number, line: (number: number) => string): void {
  const file = openSync(path, 'w');
  const batch = 10_000;
  for (let start = 0; start < count; start += batch) {
    const lines = Array.from({ length: Math.min(batch, count - start) }, (_, n) => `${line(start + n)}\n`);
    writeSync(file, lines.join(''));
  }
  closeSync(file);
}
