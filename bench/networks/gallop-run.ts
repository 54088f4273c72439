import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EmulatedOrigin } from './emulated-origin.ts';

/** What one run of the command came to. */
export interface Run {
  /** From outside: the process from its start to its end. */
  seconds: number;
  /** Pictures that are not there. */
  missing: number;
  requests: number;
  /** Answers 429 and 503. */
  refused: number;
  peakInFlight: number;
  /** Processor time of the origin over the run's: near 1 it is the limit, and the run says nothing about the choice. */
  originCpuShare: number;
}

/** Runs the built command of one checkout against one origin, in directories of its own. */
export class GallopRunner {
  readonly #bin: string;
  readonly #origin: EmulatedOrigin;
  readonly #directory: string;
  readonly #list: string;

  constructor(checkout: string, origin: EmulatedOrigin) {
    this.#bin = path.join(checkout, 'bin/gallop.js');
    this.#origin = origin;
    const memory = '/dev/shm';
    this.#directory = mkdtempSync(path.join(existsSync(memory) ? memory : tmpdir(), 'gallop-networks-'));
    this.#list = path.join(this.#directory, 'list.txt');
    writeFileSync(this.#list, origin.links.map((link) => `${link}\n`).join(''));
    process.on('exit', this.close);
  }

  close = (): void => {
    rmSync(this.#directory, { recursive: true, force: true });
    process.off('exit', this.close);
  };

  /** An empty state directory: nothing is remembered. */
  freshState(): string {
    return mkdtempSync(path.join(this.#directory, 'state-'));
  }

  /** Ends the run after `limitSeconds`; what it lacks then is missing. */
  async run(args: string[], stateDirectory: string, limitSeconds: number): Promise<Run> {
    const output = mkdtempSync(path.join(this.#directory, 'output-'));
    await this.#origin.reset();
    const cpuBefore = this.#origin.cpuSeconds();
    const startMs = performance.now();
    const child = spawn(
      process.execPath,
      [this.#bin, '-i', this.#list, '-d', output, '--name', '{name}.{ext}', '--quiet', ...args],
      {
        env: { ...process.env, XDG_STATE_HOME: stateDirectory },
        stdio: ['ignore', 'ignore', 'ignore'],
        timeout: Math.round(limitSeconds * 1000),
        killSignal: 'SIGKILL',
      },
    );
    await once(child, 'exit');
    const seconds = (performance.now() - startMs) / 1000;
    const originCpuShare = (this.#origin.cpuSeconds() - cpuBefore) / seconds;
    const { requests, peakInFlight, statuses } = await this.#origin.stats();
    const saved = readdirSync(output).filter((name) => /\.jpg$/.test(name)).length;
    rmSync(output, { recursive: true, force: true });
    return {
      seconds,
      missing: this.#origin.links.length - saved,
      requests,
      refused: (statuses[429] ?? 0) + (statuses[503] ?? 0),
      peakInFlight,
      originCpuShare,
    };
  }
}
