import { availableParallelism } from 'node:os';
import { InterruptedError } from '../core/errors.ts';
import { type Crash, DecoderProcess, type Picture } from './decoder-process.ts';
import { mostBytes, type Verdict } from './verdict.ts';

export interface DecodeLimits {
  /** Pictures that are decoded at once, each in a process of its own. */
  decoders: number;
  /** For one picture. */
  mostMs: number;
  /** A decoder without work ends after it. */
  idleMs: number;
}

const defaultLimits: DecodeLimits = {
  decoders: Math.min(4, availableParallelism()),
  mostMs: 30_000,
  idleMs: 2000,
};

/** A timer takes no more. */
const longestTimerMs = 2 ** 31 - 1;

/** Decodes pictures to see whether they can be, in a few processes that are started when they are needed. One a place. */
export class DecodeCheck {
  readonly #limits: DecodeLimits;
  readonly #idle = new Map<DecoderProcess, NodeJS.Timeout>();
  readonly #busy = new Set<DecoderProcess>();
  #taken = 0;
  #waiting: PromiseWithResolvers<void>[] = [];
  #isStopped = false;

  constructor(limits: Partial<DecodeLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /**
   * Waits, for a decoder as well, no longer than until `deadlineAt` (on `performance.now()`). Never rejects because of
   * the picture. Rejects with an `InterruptedError` once it is stopped, a `UsageError` where pictures cannot be decoded
   * at all, a scarce code (`isScarce`) where no process can be had, and with what reading the picture failed with.
   */
  async check(picture: Picture, deadlineAt = Number.POSITIVE_INFINITY): Promise<Verdict> {
    if (picture.size > mostBytes) {
      return { state: 'too-many-pixels', reason: `${picture.size} bytes, more than ${mostBytes}` };
    }
    await this.#slot(deadlineAt);
    try {
      const first = await this.#decode(picture, deadlineAt);
      // Where memory is short the system ends a decoder first: only a second crash is the picture's.
      const second = first.state === 'crashed' ? await this.#decode(picture, deadlineAt) : first;
      return second.state === 'crashed'
        ? { state: 'corrupt', reason: `the decoder crashed (${second.reason})` }
        : second;
    } finally {
      this.#taken -= 1;
      this.#waiting.shift()?.resolve();
    }
  }

  async #decode(picture: Picture, deadlineAt: number): Promise<Verdict | Crash> {
    const restMs = () => Math.min(this.#limits.mostMs, deadlineAt - performance.now());
    if (this.#isStopped) throw new InterruptedError();
    if (restMs() <= 0) return { state: 'late', reason: 'all decoders are busy' };
    const idle = this.#takeIdle();
    const decoder = idle ?? new DecoderProcess();
    this.#busy.add(decoder);
    try {
      if (idle === undefined) await decoder.ready(restMs());
      return await decoder.decode(picture, Math.max(1, restMs()));
    } catch (error) {
      if (this.#isStopped) throw new InterruptedError();
      if (restMs() <= 0) return { state: 'late', reason: 'no decoder had started' };
      throw error;
    } finally {
      this.#busy.delete(decoder);
      this.#giveBack(decoder);
    }
  }

  /** Nothing new is decoded; what is being decoded has `graceMs` to end. */
  stop(graceMs = 0): void {
    this.#isStopped = true;
    for (const decoder of this.#idle.keys()) decoder.kill();
    this.#idle.clear();
    for (const turn of this.#waiting.splice(0)) turn.resolve();
    const end = () => {
      for (const decoder of this.#busy) decoder.kill();
    };
    if (graceMs === 0) end();
    else setTimeout(end, graceMs).unref();
  }

  /** Resolves when a decoder may be used; also when it is too late, or stopped, which `#decode` sees. */
  async #slot(deadlineAt: number): Promise<void> {
    while (this.#taken >= this.#limits.decoders && !this.#isStopped && performance.now() < deadlineAt) {
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

  #takeIdle(): DecoderProcess | undefined {
    for (const [decoder, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(decoder);
      // Somebody may have ended it in the meantime.
      if (!decoder.hasEnded) return decoder;
    }
    return undefined;
  }

  #giveBack(decoder: DecoderProcess): void {
    if (this.#isStopped) decoder.kill();
    if (decoder.hasEnded) return;
    const end = () => {
      this.#idle.delete(decoder);
      decoder.kill();
    };
    this.#idle.set(decoder, setTimeout(end, this.#limits.idleMs).unref());
  }
}
