import { type Before, HandedBackError } from '../core/handed-back.ts';
import type { RequestError } from '../http/request-error.ts';
import { TakenBackError } from '../http/take-back.ts';
import type { Draft } from '../sinks/sink.ts';

/**
 * Decides of the tries at one address which may be gone on with elsewhere, by an item that is handed back: as long as
 * every one that failed has left nothing, neither bytes nor a wait that its server asked for.
 */
export class HandBacks {
  /** Begun at this address. */
  tries: number;
  readonly #address: number;
  readonly #draft: Draft;
  #isPlain = true;

  /** `before` is what the item was handed back with. */
  constructor(address: number, draft: Draft, before: Before | undefined) {
    this.#address = address;
    this.#draft = draft;
    this.tries = before?.address === address ? before.tries : 0;
  }

  /** Whether what is requested now may be taken back. */
  get mayTakeBack(): boolean {
    return this.#address === 0 && this.#isPlain && this.#isEmpty;
  }

  /** What the end of a try has to reject with, where it is the end of the item's stay. The try was as good as none. */
  ofTakenBack(error: unknown, ms: number, attempts: number): HandedBackError | undefined {
    if (!(error instanceof TakenBackError)) return undefined;
    const before = { ms, attempts: attempts - 1, address: this.#address, tries: this.tries - 1 };
    return new HandedBackError({ why: 'silent', afterMs: 0, before });
  }

  /** The same for a try that failed, after which another one follows in `afterMs`. */
  ofFailed(error: RequestError, afterMs: number, ms: number, attempts: number): HandedBackError | undefined {
    const { code, retryAfterMs, isOverCapacity, isTrouble } = error;
    const isUnreachable = code === 'connect' || code === 'dns';
    this.#isPlain &&= isUnreachable || (isTrouble && retryAfterMs === undefined && !isOverCapacity);
    if (!this.#isPlain || !this.#isEmpty) return undefined;
    const before = { ms, attempts, address: this.#address, tries: this.tries };
    return new HandedBackError({ why: isUnreachable ? 'unreachable' : 'failed', afterMs, before });
  }

  get #isEmpty(): boolean {
    return this.#draft.size === 0 && this.#draft.ahead.length === 0;
  }
}
