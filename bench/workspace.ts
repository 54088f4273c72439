import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Command {
  words: readonly string[];
  cwd?: string;
  /** Beside the path and the language, all that the program's environment has. */
  env?: Record<string, string>;
}

export interface Started {
  child: ChildProcess;
  pid: number;
  /** Ends it and everything that it started, at once. */
  kill(): void;
}

type Stdio = ('ignore' | 'pipe')[];

/** statfs(2): TMPFS_MAGIC. */
const tmpfs = 0x01021994;

/**
 * A directory in memory where there is one, and the processes that a benchmark starts. All of it is gone with it,
 * and with this process in whatever way it ends, but for `kill -9`.
 */
export class Workspace implements Disposable {
  readonly path: string;
  readonly isInMemory: boolean;
  readonly #groups = new Set<number>();
  readonly #clear = () => this.#killAll();

  constructor(parent = memoryDirectory()) {
    this.path = mkdtempSync(join(parent, 'gallop-bench-'));
    this.isInMemory = statfsSync(this.path).type === tmpfs;
    process.on('exit', this.#clear);
  }

  /** A directory of that name: an empty one, unless what it holds is to be kept. */
  directory(name: string, { isKept = false } = {}): string {
    const path = join(this.path, name.replaceAll('/', '_'));
    if (!isKept) rmSync(path, { recursive: true, force: true, maxRetries: 10 });
    mkdirSync(path, { recursive: true });
    return path;
  }

  remove(name: string): void {
    rmSync(join(this.path, name), { recursive: true, force: true, maxRetries: 10 });
  }

  /** The program as the leader of a group of processes, with nothing of the settings of whoever runs this. */
  start({ words, cwd = this.path, env = {} }: Command, stdio: Stdio): Started {
    const [program, ...rest] = words;
    const child = spawn(program!, rest, {
      stdio,
      cwd,
      detached: true,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', NO_PROXY: '*', HOME: this.path, ...env },
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`${program} cannot be started`);
    this.#groups.add(pid);
    child.once('exit', () => {
      // Whatever it left behind would be measured with the next one.
      killGroup(pid);
      this.#groups.delete(pid);
    });
    return { child, pid, kill: () => killGroup(pid) };
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#clear);
    this.#killAll();
  }

  #killAll(): void {
    for (const pid of this.#groups) killGroup(pid);
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10 });
  }
}

function memoryDirectory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
