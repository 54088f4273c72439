import type { Usage } from '../core/events.ts';
import type { Timings } from '../core/outcome.ts';
import type { StrategyName } from '../core/run-spec.ts';
import type { InFlight } from './in-flight.ts';
import type { WindowStep } from './window-trace.ts';

/** One download, as the timeline draws it. Times in milliseconds from the start of the run. */
export interface Bar {
  slot: number;
  startedMs: number;
  endedMs: number;
  ms: Timings;
  /** The item's path or URL path: untrusted text. */
  label: string;
  bytes: number;
  failed: boolean;
}

/** What `auto` did in a run. */
export interface WindowHistory {
  /** What it allowed; at least one step. */
  steps: readonly WindowStep[];
  inFlight: InFlight;
  /** In its own words; null where the run did not come to its end. */
  reason: string | null;
}

/** What one run of a race came to. */
export interface RunMeasurement {
  strategy: StrategyName;
  /** From 1. */
  run: number;
  /** False: its process died; `seconds` is then the time until it did, and what it had not done counts as failed. */
  finished: boolean;
  seconds: number;
  /** Items that took a slot: saved or failed. */
  items: number;
  saved: number;
  failed: number;
  /** Of the saved files. */
  bytes: number;
  /** Of the same as they came, before the image stage made other files of them. */
  receivedBytes: number;
  /** Pictures of which a BlurHash was computed. */
  blurhashes: number;
  peakInFlight: number;
  usage: Usage;
  /** Milliseconds, added up over the items. */
  phases: Timings;
  /** Milliseconds between hand-over and end, added up over the items. */
  occupiedMs: number;
  /** When the first item was handed to a slot: the start-up of the strategy. */
  firstStartMs: number;
  /** The longest time that one item took. */
  longestMs: number;
  /** Whether everything saved is a picture. */
  pictures: boolean;
  /** In the order of completion; the first `mostBars` of them. */
  bars: Bar[];
  /** Null for a strategy that chooses nothing, and for a run that was over before there was anything to tell. */
  window: WindowHistory | null;
  /** Digest over the paths, sizes and SHA-256 of the files it left; see `tree-digest.ts`. */
  tree: string;
}
