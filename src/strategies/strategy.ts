import type { WindowEvent } from '../core/events.ts';
import type { RunSpec, StrategyName } from '../core/run-spec.ts';
import type { Window } from './window.ts';

export type PlaceKind = 'local' | 'thread' | 'process';

/** What a window may look at and do while it governs a run. */
export interface Control {
  inFlight(): number;
  /** So many pictures are here and not computed yet that nothing new is begun. */
  isComputingFull(): boolean;
  /** Work that waits to be begun. */
  backlog(): number;
  /** Of the hosts that have work. */
  hosts(): HostsNow;
  /** Downloads that this machine has open files for; no bound until one found none left. */
  openFiles(): number;
  /** Share of the time since the last call in which the event loops of the places had work, 0 to 1. */
  busyShare(): number;
  /** Adds a worker thread to the places; false when none could be started. */
  addThread(): Promise<boolean>;
  /** Takes the latest one away, as soon as nothing is in flight in it. */
  removeThread(): void;
  /** There is something to tell of the window. */
  trace(state: WindowEvent['state'], window: number, threads: number): void;
}

/** What the windows of the hosts that have work come to. */
export interface HostsNow {
  /** What they allow together. */
  limit: number;
  /** One of those whose work waits is below its ceiling for what it said, or because it failed. */
  wereTooMuch: boolean;
  /** Every one of those whose work waits is at its ceiling. */
  areAtCeiling: boolean;
  /** Nothing goes to any of those whose work waits for a while. */
  arePausing: boolean;
}

/** Where a strategy's downloads run, and how many together. */
export interface Team {
  kind: PlaceKind;
  places: number;
  /** In flight in each place. */
  perPlace: number;
  /** Others are fetched while a picture is computed; else its slot is taken until it is stored. */
  computesBeside: boolean;
  /** In flight to one host at first, where nothing is known of it; it is never more than its ceiling. */
  perHostAtFirst: number;
  window(control: Control): Window;
}

/** A strategy is a description: the dispatcher runs them all alike. */
export interface Strategy {
  readonly name: StrategyName;
  team(spec: RunSpec): Team;
}
