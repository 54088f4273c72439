import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command, Workspace } from './workspace.ts';

export interface Measured {
  seconds: number;
  /** User and system time of the process and of all below it that it waited for. Not a number where it was killed. */
  cpuSeconds: number;
  /** Null where it was killed. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface MeasureOptions {
  /** Longest time that it may take; then it is killed. */
  mostSeconds?: number;
  /** Called with the process id of its parent, a shell; disposed of when it has ended. */
  watch?: (pid: number) => Disposable;
}

/**
 * Bash's `time` (bash(1), TIMEFORMAT) takes wall time without the start of the shell, and CPU time from
 * getrusage(2), in milliseconds. What it says goes to descriptor 3, the program's own messages to 2.
 */
const script = `TIMEFORMAT='%3R %3U %3S'; exec 4>&2 2>&3 3>&-; time "$@" 2>&4 4>&-`;

/** Runs a program to its end, as a whole process. */
export async function measure(
  workspace: Workspace,
  command: Command,
  { mostSeconds = 600, watch }: MeasureOptions = {},
): Promise<Measured> {
  const words = ['bash', '-c', script, 'bash', ...command.words];
  const { child, pid, kill } = workspace.start({ ...command, words }, ['ignore', 'pipe', 'pipe', 'pipe']);
  using _watching = watch?.(pid);
  const overdue = setTimeout(kill, mostSeconds * 1000);
  const [, stdoutPipe, stderrPipe, timesPipe] = child.stdio as Readable[];
  const [[exitCode], stdout, stderr, times] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(stdoutPipe!),
    text(stderrPipe!),
    text(timesPipe!),
  ]);
  clearTimeout(overdue);
  const [seconds = mostSeconds, user = Number.NaN, system = Number.NaN] =
    times === '' ? [] : times.trim().split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, exitCode, stdout, stderr };
}
