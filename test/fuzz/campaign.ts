import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Job, Report } from './child.ts';

export interface CampaignResult {
  target: string;
  inputs: number;
  seconds: number;
  slowestMs: number;
  peakRssBytes: number;
  /** Null where all went well. */
  failure: { input: string; message: string } | null;
}

export interface CampaignOptions {
  /** The program of a child: it calls `serve`. */
  entry: URL;
  /** Inputs by the name of their target. */
  shares: ReadonlyMap<string, number>;
  seed: number;
  /** Children at a time. */
  parallel?: number;
  /** An input that takes longer hangs. */
  hangMs?: number;
  /** A child that needs more has a leak, or was made to need it by its input. */
  maxRssBytes?: number;
  onResult?(result: CampaignResult): void;
}

/** Runs each target in a process of its own, watches over it, and tells how it ended, in the targets' order. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult[]> {
  const { shares, parallel = os.availableParallelism(), onResult } = options;
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'gallop-fuzz-'));
  const results: CampaignResult[] = [];
  const queue = [...shares].entries();
  const worker = async () => {
    for (const [at, [target, inputs]] of queue) {
      const progressFile = path.join(directory, String(at));
      const result = await runTarget({ target, seed: options.seed, inputs, progressFile }, options);
      results[at] = result;
      onResult?.(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, worker));
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
  return results;
}

async function runTarget(job: Job, options: CampaignOptions): Promise<CampaignResult> {
  const { hangMs = 60_000, maxRssBytes = 500 * 1024 ** 2 } = options;
  const startedAt = performance.now();
  const child = start(options.entry, job, maxRssBytes);
  let isHanging = false;
  const watchdog = watch(job.progressFile, hangMs, () => {
    isHanging = true;
    child.process.kill('SIGKILL');
  });
  const how = await child.ended;
  clearInterval(watchdog);
  const { report } = child;
  const number = readProgress(job.progressFile);
  if (report !== undefined && 'failure' in report) {
    const { inputs, seconds, slowestMs, peakRssBytes } = report;
    const isTooLarge = peakRssBytes > maxRssBytes;
    const failure = isTooLarge ? { input: 'all of them', message: `${mib(peakRssBytes)} of memory` } : null;
    return {
      target: job.target,
      inputs,
      seconds,
      slowestMs,
      peakRssBytes,
      failure: report.failure ?? failure,
    };
  }
  const message = isHanging ? `hangs: no end after ${hangMs / 1000} s` : `its process ${how}`;
  const input = await inputNumber(job, number, options.entry, hangMs);
  const seconds = (performance.now() - startedAt) / 1000;
  const failure = { input: `number ${number}: ${input}`, message };
  return { target: job.target, inputs: number, seconds, slowestMs: hangMs, peakRssBytes: 0, failure };
}

interface Child {
  process: ChildProcess;
  report: Report | undefined;
  /** Resolves to how it ended, for people. */
  ended: Promise<string>;
}

function start(entry: URL, job: Job & { only?: number }, maxRssBytes: number): Child {
  const heapMib = Math.round((maxRssBytes * 0.75) / 1024 ** 2);
  const process_ = fork(entry, {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${heapMib}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let words = '';
  process_.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4000);
  });
  const child: Child = {
    process: process_,
    report: undefined,
    ended: new Promise((resolve) => {
      process_.once('error', (error) => resolve(`could not start: ${error.message}`));
      process_.once('close', (code, signal) =>
        resolve(`${signal === null ? `ended with code ${code}` : `was killed by ${signal}`}\n${words}`),
      );
    }),
  };
  process_.once('message', (report: Report) => {
    child.report = report;
  });
  process_.send(job);
  return child;
}

/** The inputs follow from the seed, so a fresh process can tell what the lost one was at. */
async function inputNumber(job: Job, number: number, entry: URL, hangMs: number): Promise<string> {
  if (number === 0) return 'before the first';
  const child = start(entry, { ...job, only: number }, 1024 ** 3);
  const timer = setTimeout(() => child.process.kill('SIGKILL'), hangMs + 60_000);
  await child.ended;
  clearTimeout(timer);
  return child.report !== undefined && 'input' in child.report ? child.report.input : 'not told';
}

/** For a process to start and to make its samples. */
const startMs = 60_000;

/** Calls `onHang` when the number in the file has stayed the same for so long. */
function watch(progressFile: string, hangMs: number, onHang: () => void): NodeJS.Timeout {
  let [last, sinceMs] = [-1, performance.now()];
  return setInterval(() => {
    const number = readProgress(progressFile);
    const now = performance.now();
    if (number !== last) [last, sinceMs] = [number, now];
    else if (now - sinceMs > (number === 0 ? startMs : hangMs)) onHang();
  }, hangMs / 10);
}

function readProgress(file: string): number {
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
}

export const mib = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;
