import type { ProgressEvent, RunEvent } from '../index.ts';
import { TimeLeft } from './time-left.ts';

/** How far a run is, for whoever shows it. */
export interface ProgressState extends Omit<ProgressEvent, 'event'> {
  /** Path of the file that ended last; untrusted text. */
  latest: string | null;
  secondsLeft: number | null;
}

/** Folds a run's events into its state. */
export class RunProgress {
  readonly state: ProgressState = {
    done: 0,
    total: null,
    bytes: 0,
    bytesPerSecond: 0,
    inFlight: 0,
    computing: 0,
    skipped: 0,
    failed: 0,
    latest: null,
    secondsLeft: null,
  };
  readonly #left = new TimeLeft();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(event: RunEvent): void {
    const { state } = this;
    if (event.event === 'start') {
      state.total = event.total;
      this.#left.add(0, this.#now());
    } else if (event.event === 'outcome') {
      state.latest = event.path ?? state.latest;
    } else if (event.event === 'progress') {
      const { event: _, ...counts } = event;
      Object.assign(state, counts);
      this.#left.add(state.done, this.#now());
      state.secondsLeft = state.total === null ? null : this.#left.seconds(state.total - state.done);
    }
  }
}
