import { availableParallelism } from 'node:os';
import { InterruptedError } from '../core/errors.ts';
import { mostBytes, type PictureAnswer, type PictureTask } from './picture-messages.ts';
import { type Crash, type Picture, PictureProcess } from './picture-process.ts';

export interface PoolLimits {
  /** Pictures that are worked on at once, each in a process of its own. */
  processes: number;
  /** For one picture. */
  mostMs: number;
  /** A process without work ends after it. */
  idleMs: number;
}

const defaultLimits: PoolLimits = {
  processes: availableParallelism(),
  mostMs: 30_000,
  idleMs: 2000,
};

/** A timer takes no more. */
const longestTimerMs = 2 ** 31 - 1;

/** What the processes of a pool have used since it began, as far as they have told. */
export interface PoolUsage {
  cpuSeconds: number;
  /** The most that they had together: the sum of the peaks of those that were there at a time. */
  peakRssBytes: number;
}

/** Works on pictures in a few processes that are started when all others are busy. One a place. */
export class PicturePool {
  readonly #limits: PoolLimits;
  readonly #idle = new Map<PictureProcess, NodeJS.Timeout>();
  readonly #busy = new Set<PictureProcess>();
  /** The two, and some that have ended. */
  readonly #started = new Set<PictureProcess>();
  #taken = 0;
  /** Pictures that are on their way. */
  #expected = 0;
  #waiting: PromiseWithResolvers<void>[] = [];
  #isStopped = false;
  #endedCpuSeconds = 0;
  #peakRssBytes = 0;

  constructor(limits: Partial<PoolLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /**
   * Carries out all of a task in one trip. Waits, for a process as well, no longer than until `deadlineAt` (on
   * `performance.now()`). Never rejects because of the picture. Rejects with an `InterruptedError` once it is stopped, a
   * `UsageError` where pictures cannot be decoded at all, a scarce code (`isScarce`) where no process can be had, and
   * with what reading the picture failed with.
   */
  async carryOut(
    picture: Picture,
    task: PictureTask,
    deadlineAt = Number.POSITIVE_INFINITY,
  ): Promise<PictureAnswer> {
    if (picture.size > mostBytes) {
      return { state: 'too-many-pixels', reason: `${picture.size} bytes, more than ${mostBytes}` };
    }
    await this.#slot(deadlineAt);
    try {
      const first = await this.#try(picture, task, deadlineAt);
      // Where memory is short the system ends such a process first: only a second crash is the picture's.
      const second = first.state === 'crashed' ? await this.#try(picture, task, deadlineAt) : first;
      return second.state === 'crashed'
        ? { state: 'corrupt', reason: `the decoder crashed (${second.reason})` }
        : second;
    } finally {
      this.#taken -= 1;
      this.#waiting.shift()?.resolve();
    }
  }

  /**
   * A picture is on its way: a process starts meanwhile where one will be needed, so that it waits for none. What is
   * returned says, once, that it is there, or that it will not come.
   */
  expect(): () => void {
    this.#expected += 1;
    const needed = Math.min(this.#taken + this.#expected, this.#limits.processes);
    if (!this.#isStopped && this.#idle.size + this.#busy.size < needed) this.#giveBack(this.#start());
    return () => {
      this.#expected -= 1;
    };
  }

  get usage(): PoolUsage {
    const living = [...this.#idle.keys(), ...this.#busy];
    const cpuSeconds = living.reduce((sum, { usage }) => sum + usage.cpuSeconds, this.#endedCpuSeconds);
    return { cpuSeconds, peakRssBytes: this.#peakRssBytes };
  }

  async #try(picture: Picture, task: PictureTask, deadlineAt: number): Promise<PictureAnswer | Crash> {
    const restMs = () => Math.min(this.#limits.mostMs, deadlineAt - performance.now());
    if (this.#isStopped) throw new InterruptedError();
    if (restMs() <= 0) return { state: 'late', reason: 'all decoders are busy' };
    const own = this.#takeIdle() ?? this.#start();
    this.#busy.add(own);
    try {
      if (!own.isReady) await own.ready(restMs());
      return await own.carryOut(picture, task, Math.max(1, restMs()));
    } catch (error) {
      if (this.#isStopped) throw new InterruptedError();
      if (restMs() <= 0) return { state: 'late', reason: 'no decoder had started' };
      throw error;
    } finally {
      this.#countMemory();
      this.#busy.delete(own);
      this.#giveBack(own);
    }
  }

  #start(): PictureProcess {
    for (const own of this.#started) if (own.hasEnded) this.#started.delete(own);
    const own = new PictureProcess();
    this.#started.add(own);
    return own;
  }

  /** Ends at once, and is over when all of its processes are. */
  async close(): Promise<void> {
    this.stop();
    await Promise.all([...this.#started].map((own) => own.close()));
  }

  /** Nothing new is begun; what is under way has `graceMs` to end. */
  stop(graceMs = 0): void {
    this.#isStopped = true;
    for (const own of this.#idle.keys()) this.#end(own);
    for (const turn of this.#waiting.splice(0)) turn.resolve();
    const end = () => {
      for (const own of this.#busy) own.kill();
    };
    if (graceMs === 0) end();
    else setTimeout(end, graceMs).unref();
  }

  /** Resolves when a process may be used; also when it is too late, or stopped, which `#try` sees. */
  async #slot(deadlineAt: number): Promise<void> {
    while (this.#taken >= this.#limits.processes && !this.#isStopped && performance.now() < deadlineAt) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn);
      const leftMs = Math.min(deadlineAt - performance.now(), longestTimerMs);
      const timer = setTimeout(turn.resolve, leftMs);
      await turn.promise;
      clearTimeout(timer);
      const at = this.#waiting.indexOf(turn);
      if (at !== -1) this.#waiting.splice(at, 1);
    }
    this.#taken += 1;
  }

  /** One that is ready, or else the first that will be. */
  #takeIdle(): PictureProcess | undefined {
    // Somebody may have ended one in the meantime.
    for (const own of this.#idle.keys()) if (own.hasEnded) this.#end(own);
    const living = [...this.#idle.keys()];
    const own = living.find(({ isReady }) => isReady) ?? living[0];
    if (own === undefined) return undefined;
    clearTimeout(this.#idle.get(own));
    this.#idle.delete(own);
    return own;
  }

  #giveBack(own: PictureProcess): void {
    if (this.#isStopped || own.hasEnded) this.#end(own);
    else this.#idle.set(own, setTimeout(() => this.#end(own), this.#limits.idleMs).unref());
  }

  #end(own: PictureProcess): void {
    clearTimeout(this.#idle.get(own));
    this.#idle.delete(own);
    own.kill();
    this.#endedCpuSeconds += own.usage.cpuSeconds;
  }

  #countMemory(): void {
    const living = [...this.#idle.keys(), ...this.#busy];
    const bytes = living.reduce((sum, { usage }) => sum + usage.peakRssBytes, 0);
    this.#peakRssBytes = Math.max(this.#peakRssBytes, bytes);
  }
}
