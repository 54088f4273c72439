import { availableParallelism } from 'node:os';
import { InterruptedError } from '../core/errors.ts';
import { DecoderProcess, type Picture } from './decoder-process.ts';
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
   * Never rejects because of the picture. Rejects with an `InterruptedError` once it is stopped, a `UsageError`
   * where pictures cannot be decoded at all, and with what reading the picture or starting a process failed with.
   */
  async check(picture: Picture): Promise<Verdict> {
    if (picture.size > mostBytes) {
      return { state: 'too-many-pixels', reason: `${picture.size} bytes, more than ${mostBytes}` };
    }
    await this.#slot();
    try {
      if (this.#isStopped) throw new InterruptedError();
      const decoder = this.#takeIdle() ?? (await DecoderProcess.start());
      this.#busy.add(decoder);
      try {
        const verdict = await decoder.decode(picture, this.#limits.mostMs);
        if (this.#isStopped && decoder.hasEnded) throw new InterruptedError();
        return verdict;
      } finally {
        this.#busy.delete(decoder);
        this.#giveBack(decoder);
      }
    } finally {
      this.#taken -= 1;
      this.#waiting.shift()?.resolve();
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

  async #slot(): Promise<void> {
    while (this.#taken >= this.#limits.decoders && !this.#isStopped) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn);
      await turn.promise;
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
