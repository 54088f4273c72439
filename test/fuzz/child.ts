import fs from 'node:fs';
import { checkTarget, inputOf, type TargetResult } from './check-target.ts';
import type { Target } from './target.ts';

/** What a child is asked for: a target's inputs, or one of them, for one that never came to an end. */
export interface Job {
  target: string;
  seed: number;
  inputs: number;
  /** The number of the input that is under way stands here, so that it is known when the child hangs. */
  progressFile: string;
}

export type Report = (TargetResult & { peakRssBytes: number }) | { input: string };

/** The process of one target: a hang, or too much memory, is its own. */
export function serve(targets: readonly Target[]): void {
  process.once('message', async (job: Job & { only?: number }) => {
    const target = targets.find(({ name }) => name === job.target)!;
    process.send!(await (job.only === undefined ? run(target, job) : one(target, job.seed, job.only)));
    process.disconnect();
    process.exit();
  });
}

async function run(target: Target, { seed, inputs, progressFile }: Job): Promise<Report> {
  const file = fs.openSync(progressFile, 'w');
  const number = Buffer.alloc(4);
  const begun = (count: number) => {
    number.writeUInt32LE(count);
    fs.writeSync(file, number, 0, 4, 0);
  };
  const result = await checkTarget(target, { seed, inputs, begun });
  return { ...result, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

const one = async (target: Target, seed: number, number: number): Promise<Report> => ({
  input: await inputOf(target, seed, number),
});
