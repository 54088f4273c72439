import { type ChildProcess, fork } from 'node:child_process';
import { withoutCredentials } from '../core/credentials.ts';
import { errorFromData } from '../core/error-data.ts';
import { DiskError, InterruptedError, UsageError } from '../core/errors.ts';
import type { RunEvent, Summary, Usage } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { FromRunner, ToRunner } from './runner-messages.ts';

export interface RunChildOptions {
  items: readonly Item[];
  signal: AbortSignal;
  /** The child gets it without credentials: its items are listed already. */
  environment: Record<string, string | undefined>;
  /** The run waits for the promise, if there is one. */
  onEvent(event: RunEvent): Promise<void> | undefined;
  /** The program of the child. */
  entry?: URL;
  /** How long an aborted child may take to end by itself; a run gives its downloads five seconds. */
  graceMs?: number;
}

export type RunEnd =
  | { died: false; summary: Summary; usage: Usage }
  /** `reason` is a clause: `was killed by SIGKILL`. */
  | { died: true; reason: string; seconds: number };

const runnerEntry = new URL(
  `./runner-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);
const itemsAMessage = 1000;

/**
 * Does one run in a process of its own. A process that dies is an answer; what would end every run
 * (usage, disk) is thrown as the `GallopError` that the run threw. When `signal` aborts, the child is
 * told to end, is killed after `graceMs`, and the promise rejects with an `InterruptedError` once it is gone.
 */
export async function runInChild(spec: RunSpec, options: RunChildOptions): Promise<RunEnd> {
  const { items, signal, environment, onEvent, entry = runnerEntry, graceMs = 6000 } = options;
  if (signal.aborted) throw new InterruptedError();
  const begun = performance.now();
  const child = fork(entry, {
    serialization: 'advanced',
    env: withoutCredentials(environment),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Standard output is the caller's: a run must not write there.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stderr = lastWords(child);
  let end: Exclude<FromRunner, { type: 'events' }> | null = null;
  let reading = Promise.resolve();
  child.on('message', (message: FromRunner) => {
    if (message.type !== 'events') {
      end = message;
      return;
    }
    reading = reading.then(async () => {
      for (const event of message.events) await onEvent(event);
      send(child, { type: 'taken' });
    });
  });
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    // `close`, not `exit`: only then has everything been read that the child sent.
    child.once('close', (code, killer) =>
      resolve(killer === null ? `ended with code ${code}` : `was killed by ${killer}`),
    );
  });
  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killing = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let i = 0; i < items.length; i += itemsAMessage) {
      send(child, { type: 'items', items: items.slice(i, i + itemsAMessage) });
    }
    send(child, { type: 'run', spec });
    const how = await gone;
    if (signal.aborted) throw new InterruptedError();
    await reading;
    return ended(end, `${how}${stderr()}`, (performance.now() - begun) / 1000);
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(killing);
  }
}

/** A child that is gone cannot be sent to; that it is gone is told by its end. */
function send(child: ChildProcess, message: ToRunner): void {
  if (child.connected) child.send(message, () => {});
}

function ended(end: Exclude<FromRunner, { type: 'events' }> | null, how: string, seconds: number): RunEnd {
  if (end === null) return { died: true, reason: how, seconds };
  if (end.type === 'end') {
    const { summary, usage } = end;
    // Somebody else told it to end, so it is not whole.
    if (summary.exitCode === 130) return { died: true, reason: 'was interrupted', seconds };
    return { died: false, summary, usage };
  }
  const error = errorFromData(end.error);
  const endsEveryRun = error instanceof UsageError || error instanceof DiskError;
  if (!endsEveryRun) return { died: true, reason: `failed: ${error.message}`, seconds };
  throw error;
}

/** Collects the end of what the child writes to standard error, for the line that names its fault. */
function lastWords(child: ChildProcess): () => string {
  let text = '';
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-8192);
  });
  return () => {
    const line = text.split('\n').find((each) => /^(Uncaught |FATAL ERROR|\w*Error\b)/.test(each));
    return line === undefined ? '' : `: ${line.trim().slice(0, 200)}`;
  };
}
