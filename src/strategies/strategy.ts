import type { RunSpec, StrategyName } from '../core/run-spec.ts';
import type { Window } from './window.ts';

export type PlaceKind = 'local' | 'thread' | 'process';

/** What a window may look at and do while it governs a run. */
export interface Control {
  inFlight(): number;
  /** Work is waiting that the window holds back. */
  hasBacklog(): boolean;
  /** Adds a worker thread to the places; false when none could be started. */
  addThread(): Promise<boolean>;
}

/** Where a strategy's downloads run, and how many together. */
export interface Team {
  kind: PlaceKind;
  places: number;
  /** In flight in each place. */
  perPlace: number;
  window(control: Control): Window;
}

/** A strategy is a description: the dispatcher runs them all alike. */
export interface Strategy {
  readonly name: StrategyName;
  team(spec: RunSpec): Team;
}
