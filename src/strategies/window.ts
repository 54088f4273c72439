import type { Outcome } from '../core/outcome.ts';

/** How many downloads may be in flight now. Told what happens, so that it can learn. */
export interface Window {
  /** In all. */
  total(): number;
  /** The first byte of an answer, `ms` after its request. */
  firstByte(ms: number): void;
  /** Bytes of bodies arrived. */
  received(bytes: number): void;
  ended(outcome: Outcome): void;
  /** Work of a host is waiting that was found good for `size` before; `wasEnough`: more had brought no more. */
  remembered(size: number, wasEnough: boolean): void;
  /** What it came to, for people: why so many were in flight. Null where nothing was to be chosen. */
  reason(): string | null;
  /** More in flight would bring no more. */
  isEnough(): boolean;
  close(): void;
}

/** The same number from beginning to end. */
export function fixedWindow(size: number): Window {
  return {
    total: () => size,
    firstByte() {},
    received() {},
    ended() {},
    remembered() {},
    reason: () => null,
    isEnough: () => false,
    close() {},
  };
}
