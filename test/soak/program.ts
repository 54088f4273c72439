import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startWords } from '../cli/gallop.ts';

/** What is tried: the sources, as `npm test` runs them, or what `npm run build` made of them. */
export interface Program {
  /** What Node is given before the words of a command line. */
  command: readonly string[];
  /** The module of the library. */
  library: string;
}

const at = (path: string) => new URL(`../../${path}`, import.meta.url);

export const sources: Program = { command: startWords, library: at('src/index.ts').href };
export const built: Program = {
  command: [fileURLToPath(at('bin/gallop.js'))],
  library: at('dist/index.js').href,
};

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CommandRun extends Disposable {
  child: ChildProcess;
  /** When it and everything that shares its output has ended. */
  ended: Promise<Ended>;
  /** To it and all its worker processes, as Ctrl-C does. False where they are gone. */
  signalAll(signal: NodeJS.Signals): boolean;
}

export interface Surroundings {
  /** `ulimit -n`. */
  openFiles?: number;
  nodeOptions?: string;
  /** `own`: the caller reads stdout itself. */
  stdout?: 'collected' | 'own';
}

export const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** The command, as the leader of a group of processes, without the settings of whoever runs this. */
export function startCommand(
  { command }: Pick<Program, 'command'>,
  words: readonly string[],
  { openFiles, nodeOptions, stdout = 'collected' }: Surroundings = {},
): CommandRun {
  const node = [process.execPath, ...command, ...words];
  // The limit of a process can only be set by what becomes it.
  const limited = ['sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, ...node];
  const [program, ...rest] = openFiles === undefined ? node : limited;
  const child = spawn(program!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      NO_PROXY: '*',
      ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
    },
  });
  const signalAll = (signal: NodeJS.Signals) => {
    try {
      return process.kill(-child.pid!, signal);
    } catch {
      return false;
    }
  };
  const collected = stdout === 'own' ? '' : text(child.stdout!);
  const ended = Promise.all([once(child, 'close'), collected, text(child.stderr!)]).then(
    ([[code, signal], out, stderr]): Ended => ({ code, signal, stdout: out, stderr }),
  );
  return { child, ended, signalAll, [Symbol.dispose]: () => void signalAll('SIGKILL') };
}
