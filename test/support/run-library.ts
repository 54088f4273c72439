import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { DownloadOptions, Outcome, Summary } from '../../src/index.ts';

/** An event of any kind, as it came over the wire. */
export type WireEvent = { event: string; message?: string; code?: string; name?: string } & Partial<
  Outcome & Omit<Summary, 'bytes'>
>;

export interface LibraryResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  events: WireEvent[];
  stderr: string;
}

export interface LibraryRun {
  child: ChildProcess;
  result: Promise<LibraryResult>;
}

const entry = fileURLToPath(new URL('./library-process.ts', import.meta.url));

export interface LibraryJob {
  sources?: string[];
  options: Omit<DownloadOptions, 'signal' | 'stdin'>;
  /** The name of the event on which the run is stopped. */
  stopOn?: string;
}

/** The library in a process of its own. */
export function startLibrary(
  job: LibraryJob,
  {
    env = {},
    stdin = 'ignore',
    openFiles,
  }: { env?: Record<string, string>; stdin?: 'ignore' | 'pipe'; openFiles?: number } = {},
): LibraryRun {
  const words = ['--disable-warning=ExperimentalWarning', entry, JSON.stringify({ sources: [], ...job })];
  // The limit of a process can only be set by what becomes it.
  const [program, ...given] =
    openFiles === undefined
      ? [process.execPath, ...words]
      : ['sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, process.execPath, ...words];
  const child = spawn(program!, given, {
    stdio: [stdin, 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
  const result = Promise.all([once(child, 'close'), text(child.stdout!), text(child.stderr!)]).then(
    ([[code, signal], stdout, stderr]) => ({ code, signal, events: parse(stdout), stderr }),
  );
  return { child, result };
}

export const runLibrary = (...given: Parameters<typeof startLibrary>): Promise<LibraryResult> =>
  startLibrary(...given).result;

/** The last line may have been cut off by a kill. */
const parse = (stdout: string): WireEvent[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
