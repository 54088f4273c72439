import { GallopError } from './errors.ts';

/** What an item has behind it that is not begun for the first time. Plain data, for it crosses to workers. */
export interface Before {
  /** Of its `--timeout`: in its slots, and between tries. Not the wait for a slot. */
  ms: number;
  /** Tries begun, at every address. */
  attempts: number;
  /** Which of its addresses it is at, from 0, and how many tries it has begun there. */
  address: number;
  tries: number;
}

/** A host does not answer it, while it answers others; it cannot be connected to; or the try failed in another way. */
export type HandBackReason = 'silent' | 'unreachable' | 'failed';

export interface HandBack {
  why: HandBackReason;
  /** When it may be begun again, in milliseconds from now. */
  afterMs: number;
  before: Before;
}

/**
 * An item comes back from its place, to be begun again: it has left nothing behind there, and what it waits for is waited
 * for without a slot. It is neither an outcome nor what ends the run.
 */
export class HandedBackError extends GallopError {
  readonly handBack: HandBack;

  constructor(handBack: HandBack) {
    super(`handed back: ${handBack.why}`, { code: 'handed-back', exitCode: 1 });
    this.handBack = handBack;
  }
}
