import { AdaptiveLimit } from './adaptive-limit.ts';

/** After so long small files are done, and there may be room again. */
const holdMs = 500;
/** Times that one item may come back, before its failure stands: longer than idle connections stay open. */
const maxReturns = 12;

/**
 * How many downloads this machine has open files for: no bound, until one found none left (EMFILE). Then
 * nothing new for a moment, and fewer; as with hosts, more again when those went well.
 */
export class FileCeiling {
  readonly #files = new AdaptiveLimit(Number.POSITIVE_INFINITY);
  readonly #returns = new WeakMap<object, number>();
  #heldUntil = 0;

  get limit(): number {
    return this.#files.limit;
  }

  /** `inFlight` downloads were too many, for `work` among others. Returns whether it should be tried again. */
  lower(work: object, inFlight: number): boolean {
    const returns = (this.#returns.get(work) ?? 0) + 1;
    this.#returns.set(work, returns);
    if (this.#files.shrink(inFlight, holdMs)) this.#heldUntil = performance.now() + holdMs;
    return returns <= maxReturns;
  }

  wentWell(): void {
    this.#files.wentWell();
  }

  /** Milliseconds until something new may begin; 0 for now. */
  heldMs(): number {
    return this.#heldUntil === 0 ? 0 : Math.max(0, this.#heldUntil - performance.now());
  }
}
