import { type ChildProcess, fork } from 'node:child_process';
import { UsageError } from '../core/errors.ts';
import { workerEnvironment } from '../core/worker-environment.ts';
import type {
  FromPictureProcess,
  PictureAnswer,
  PictureRequest,
  PictureTask,
  ProcessUsage,
} from './picture-messages.ts';

const entry = new URL(`./picture-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
/** What was killed is gone sooner, unless the system is in trouble. */
const longestEndMs = 2000;

/** A whole picture. */
export interface Picture {
  readonly size: number;
  /** Its bytes, or the path of the file that has them and nothing else, until it was carried out. */
  whole(): Buffer | string | Promise<Buffer | string>;
}

/** The process ended in the middle of a picture, by itself or by somebody else's doing. */
export interface Crash {
  state: 'crashed';
  reason: string;
}

/** The parent's side of one picture process. Keeps this one alive only while it starts and while it works. */
export class PictureProcess {
  readonly #child: ChildProcess;
  /** How it ended, for people. */
  #ended: string | null = null;
  #startError: Error | undefined;
  readonly #first = Promise.withResolvers<FromPictureProcess['said'] | null>();
  isReady = false;
  readonly #gone = Promise.withResolvers<void>();
  /** As far as it has told. */
  usage: ProcessUsage = { cpuSeconds: 0, peakRssBytes: 0 };
  /** Who waits for what it says next, or, with null, for its end. */
  #settle: (said: FromPictureProcess['said'] | null) => void = this.#first.resolve;

  constructor() {
    this.#child = fork(entry, {
      env: workerEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      // Pictures go and come as they are: JSON would spell out every byte.
      serialization: 'advanced',
    });
    this.#child.on('message', (message) => {
      const { said, usage } = message as FromPictureProcess;
      this.usage = usage;
      this.isReady ||= said.state === 'ready';
      this.#keepNobody();
      this.#settle(said);
    });
    this.#child.once('exit', (code, signal) => {
      this.#end(signal ?? `exit code ${code}`);
      this.#gone.resolve();
    });
    this.#child.on('error', (error) => {
      // Of one that runs, its exit tells.
      if (this.#child.pid !== undefined) return;
      this.#startError = error;
      this.#end(error.message);
      this.#gone.resolve();
    });
  }

  /** Ends it, and waits until the system has counted what it used. */
  async close(): Promise<void> {
    // It does not keep this process alive, and has to be waited for.
    const waiting = Promise.withResolvers<void>();
    const timer = setTimeout(waiting.resolve, longestEndMs);
    this.kill();
    await Promise.race([this.#gone.promise, waiting.promise]);
    clearTimeout(timer);
  }

  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  /**
   * Resolves once it can work. Rejects with a `UsageError` where pictures cannot be decoded here at all, with the
   * system's error (or EAGAIN) where no process can be had.
   */
  async ready(mostMs: number): Promise<void> {
    const first = await this.#within(mostMs, this.#first.promise);
    if (first === null) {
      const error = new Error(`no process for pictures: ${this.#ended}`);
      throw this.#startError ?? Object.assign(error, { code: 'EAGAIN' });
    }
    if (first.state !== 'unusable') return;
    this.kill();
    throw new UsageError(`pictures cannot be decoded here: ${(first as { reason: string }).reason}`, {
      hint: 'do without --check full, and without what changes or describes pictures',
    });
  }

  /**
   * Carries out one task; the next only after it. With `late`, after `mostMs`, and with a crash it is gone. Rejects with
   * what reading the picture failed with.
   */
  async carryOut(picture: Picture, task: PictureTask, mostMs: number): Promise<PictureAnswer | Crash> {
    const begunAt = performance.now();
    const said = await this.#within(mostMs, this.#ask(picture, task));
    if (said?.state === 'unreadable') throw Object.assign(new Error(said.message), { code: said.code });
    if (said !== null) return said as PictureAnswer;
    const ms = performance.now() - begunAt;
    if (ms >= mostMs) return { state: 'late', reason: `it took more than ${(mostMs / 1000).toFixed(1)} s` };
    return { state: 'crashed', reason: this.#ended! };
  }

  async #ask(picture: Picture, task: PictureTask): Promise<FromPictureProcess['said'] | null> {
    const whole = await picture.whole();
    const answer = this.#next();
    this.#child.send({ picture: whole, task } satisfies PictureRequest, () => {});
    return await answer;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#end('ended');
  }

  #end(how: string): void {
    this.#ended ??= how;
    this.#settle(null);
  }

  async #within<T>(mostMs: number, step: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.kill(), mostMs);
    try {
      return await step;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What it says next; null where it ends before. */
  #next(): Promise<FromPictureProcess['said'] | null> {
    if (this.hasEnded) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** From now on this process may end without it; while it works on a picture its timer stands in the way. */
  #keepNobody(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }
}
