import type { Outcome } from '../core/outcome.ts';
import type { HostExperience } from './host-window.ts';

/** How many downloads may be in flight now. Told what happens, so that it can learn. */
export interface Window {
  /** In all. */
  total(): number;
  /** The first byte of an answer, `ms` after its request. */
  firstByte(ms: number): void;
  /** Bytes of bodies arrived. */
  received(bytes: number): void;
  ended(outcome: Outcome): void;
  /** There is work of a host that had none; with what earlier runs found of it. */
  hostJoined(experience: HostExperience | undefined): void;
  /** What it came to, for people: why so many were in flight and not more. Null where nothing was to be chosen. */
  reason(): string | null;
  /** How many in flight were found to be as good as any number, and whether it is known that more are not better. */
  found(): { enough: number; isSettled: boolean };
  close(): void;
}

/** The same number from beginning to end. */
export function fixedWindow(size: number): Window {
  return {
    total: () => size,
    firstByte() {},
    received() {},
    ended() {},
    hostJoined() {},
    reason: () => null,
    found: () => ({ enough: size, isSettled: false }),
    close() {},
  };
}
