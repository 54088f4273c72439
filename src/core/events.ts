import type { Outcome, SkipCode } from './outcome.ts';
import type { StrategyName } from './run-spec.ts';

export interface StartEvent {
  event: 'start';
  strategy: StrategyName;
  source: string;
  dir: string;
  /** Items in the source; null where it is not known before the end. */
  total: number | null;
}

/** An item ended. In `--json` this is the outcome's fields beside `event`. */
export type OutcomeEvent = { event: 'outcome' } & Outcome;

export interface ProgressEvent {
  event: 'progress';
  done: number;
  total: number | null;
  /** Bytes of bodies received so far, those in flight included. */
  bytes: number;
  /** Over the last seconds. */
  bytesPerSecond: number;
  inFlight: number;
  /** Received, and not in flight any more: in the image stage, or waiting for it. */
  computing: number;
  skipped: number;
  failed: number;
}

/** Something that a person should know and that changes no result: a wait, a lost worker. */
export interface NoteEvent {
  event: 'note';
  level: 'info' | 'warning';
  message: string;
}

/** What `auto` is doing; told when it changes, ten times a second at most. */
export interface WindowEvent {
  event: 'window';
  /** As in an outcome: from the start of the run. */
  seconds: number;
  /** Downloads that may be in flight now. */
  window: number;
  inFlight: number;
  /** Worker threads beside the first event loop. */
  threads: number;
  /**
   * `growing`, because it pays; `flat`, for more would not; `probing`, whether it would by now; at its `ceiling`;
   * held below by what `hosts` said or were found to take, or by `computing`; short of `memory`, or of answers about
   * `names`.
   */
  state: 'growing' | 'flat' | 'probing' | 'ceiling' | 'hosts' | 'computing' | 'memory' | 'names';
}

/** What a run added to its data set. */
export interface DataSetCounts {
  /** That were written, or written anew. */
  shards: number;
  /** Of those shards, whatever became of them. */
  rows: number;
  /** Of those rows: that have their picture. */
  pictures: number;
  /** Of the pictures that were downloaded: left out of those shards, for another row has the same one. */
  duplicates: number;
}

export interface EndEvent {
  event: 'end';
  strategy: StrategyName;
  saved: number;
  kept: number;
  /** Left out, or having come before in this run. */
  skipped: number;
  /** Of the skipped: how many were left out for which reason. The rest came before. What none was left out for is absent. */
  skippedBy: Partial<Record<SkipCode, number>>;
  failed: number;
  /** Of the files saved in this run. */
  bytes: number;
  seconds: number;
  peakInFlight: number;
  /**
   * Why `auto` had so many in flight and not more, for people. Null where nothing was downloaded, and for the other
   * strategies, to which it was said.
   */
  reason: string | null;
  /** Null where the output is none. */
  dataSet: DataSetCounts | null;
  exitCode: number;
}

export type RunEvent = StartEvent | OutcomeEvent | ProgressEvent | WindowEvent | NoteEvent | EndEvent;

/** What a finished run comes to; the fields of its `end` event. */
export type Summary = Omit<EndEvent, 'event'>;

/** What one run of a race used, beside its summary. */
export interface Usage {
  /** User and system time of every process and thread of the run. */
  cpuSeconds: number;
  /** Of that, the time of the processes that decode and compute pictures; their start is in it. */
  pictureCpuSeconds: number;
  /** Largest resident set, summed over the run's processes. */
  peakRssBytes: number;
  /** Share of the wall time in which the main event loop had work, 0 to 1. */
  eventLoopUtilization: number;
}

export interface RaceResult {
  strategy: StrategyName;
  /** One a run, in the order of the runs. */
  seconds: number[];
  median: number;
  /** The median of `sync` (or of the slowest, where `sync` did not run) over this median. */
  speedup: number;
  bytes: number;
  failed: number;
  peakInFlight: number;
  /** Medians over the runs. */
  cpuSeconds: number;
  peakRssBytes: number;
  /** Of the time that slots were occupied, the share spent waiting for the network, 0 to 1. */
  waitingShare: number;
  eventLoopUtilization: number;
}

export interface RaceEvent {
  event: 'race';
  results: RaceResult[];
  fastest: StrategyName;
  /** Whether every run wrote the same files with the same bytes. */
  identical: boolean;
  /** Why the fastest won, from the measurements; paragraphs of plain text. */
  explanation: string[];
}

/** An event of one run of a race. */
export type RaceRunEvent = RunEvent & {
  strategy: StrategyName;
  /** From 1; every strategy has run 1 before any has run 2. */
  run: number;
};

/** What `verify` found of one file. */
export interface VerifiedEvent {
  event: 'verified';
  /** `changed`: other bytes than the journal says. `foreign`: not in the journal; counted, never an error. */
  state: 'good' | 'missing' | 'changed' | 'foreign';
  path: string;
  bytes: number;
  /** Of the bytes that are there now. Null for `missing` and `foreign`. */
  sha256: string | null;
  /** The item's, where the journal knows it. */
  key: string | null;
  url: string | null;
}

export interface VerifyEndEvent {
  event: 'end';
  good: number;
  missing: number;
  changed: number;
  foreign: number;
  bytes: number;
  seconds: number;
  exitCode: number;
}

export type VerifyEvent = VerifiedEvent | VerifyEndEvent;

/** What `verify --repair` came to: what it found, as in a verification's `end`, and what became of it. The last event. */
export interface RepairEndEvent extends Omit<VerifyEndEvent, 'event'> {
  event: 'repair';
  /** Of the missing and changed: fetched, and in place. */
  repaired: number;
  /** Of the repaired: their source has other bytes now than were stored. */
  renewed: number;
  failed: number;
}

/** First every `verified`; then, where something is wrong, the events of the run that fetches it; then `repair`. */
export type RepairEvent = VerifiedEvent | RunEvent | RepairEndEvent;

/**
 * Something under way: iterate over its events, or just await its summary, or both. There is one reader,
 * for which the run waits when it is slow. While there is none the first 1999 events are kept, and the
 * newest, so that whoever comes late finds how it began and how it ended; to see every outcome, iterate at once.
 */
export interface Running<Event, Result> extends AsyncIterable<Event> {
  /** Rejects with a `GallopError` when the run could not go on. Events need not be read for it to settle. */
  readonly summary: Promise<Result>;
}
