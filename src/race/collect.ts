import type { RunEvent, Summary, Usage } from '../core/events.ts';
import { noTimings, type Outcome, type Timings } from '../core/outcome.ts';
import type { StrategyName } from '../core/run-spec.ts';
import { InFlightCount } from './in-flight.ts';
import type { Bar, RunMeasurement, WindowHistory } from './measurement.ts';
import { WindowTrace } from './window-trace.ts';

/** Bars that are remembered of one run; a timeline draws fewer. */
export const mostBars = 20_000;

const phaseNames = ['wait', 'firstByte', 'body', 'stage', 'write'] as const satisfies (keyof Timings)[];

/** What a saved file should be: its path relative to the run's directory, and its digest. */
export type SavedFile = { path: string; bytes: number; sha256: string | null };

/** Folds the events of one run into its measurement. */
export class RunCollector {
  readonly saved: SavedFile[] = [];
  readonly #strategy: StrategyName;
  readonly #run: number;
  readonly #bars: Bar[] = [];
  readonly #phases = noTimings();
  readonly #trace = new WindowTrace();
  readonly #inFlight = new InFlightCount();
  #summary: Summary | null = null;
  #counts = { items: 0, saved: 0, failed: 0, bytes: 0, receivedBytes: 0, blurhashes: 0 };
  #occupiedMs = 0;
  #firstStartMs = Number.POSITIVE_INFINITY;
  #longestMs = 0;
  #peakInFlight = 0;
  #pictures = true;

  constructor(strategy: StrategyName, run: number) {
    this.#strategy = strategy;
    this.#run = run;
  }

  add(event: RunEvent): void {
    if (event.event === 'outcome') this.#outcome(event);
    if (event.event === 'progress') this.#peakInFlight = Math.max(this.#peakInFlight, event.inFlight);
    if (event.event === 'window') this.#trace.add(event);
    if (event.event === 'end') {
      const { event: _, ...summary } = event;
      this.#summary = summary;
    }
  }

  #outcome(outcome: Outcome): void {
    if (outcome.path !== null && outcome.status !== 'failed') {
      this.saved.push({ path: outcome.path, bytes: outcome.bytes, sha256: outcome.sha256 });
    }
    if (outcome.status === 'kept' || outcome.status === 'skipped') return;
    const failed = outcome.status === 'failed';
    this.#counts.items += 1;
    this.#counts[failed ? 'failed' : 'saved'] += 1;
    if (!failed) {
      this.#counts.bytes += outcome.bytes;
      this.#counts.receivedBytes += outcome.picture?.original.bytes ?? outcome.bytes;
      if (outcome.picture?.blurhash !== undefined) this.#counts.blurhashes += 1;
      this.#pictures &&= outcome.mime?.startsWith('image/') === true;
    }
    for (const phase of phaseNames) this.#phases[phase] += outcome.ms[phase];
    const tookMs = outcome.endedMs - outcome.startedMs;
    this.#occupiedMs += tookMs;
    this.#longestMs = Math.max(this.#longestMs, tookMs);
    this.#firstStartMs = Math.min(this.#firstStartMs, outcome.startedMs);
    // Of `auto`. What computes and is stored then has left the network to others.
    const { stage, write } = outcome.ms;
    const fetchedMs = stage > 0 ? outcome.endedMs - stage - write : outcome.endedMs;
    if (this.#strategy === 'auto') this.#inFlight.add(outcome.startedMs, fetchedMs);
    if (this.#bars.length < mostBars) {
      const { slot, startedMs, endedMs, ms, bytes } = outcome;
      const label = outcome.path ?? URL.parse(outcome.url)?.pathname ?? '';
      this.#bars.push({ slot, startedMs, endedMs, ms, label, bytes, failed });
    }
  }

  /** `tree` is the digest of what stands on the disk. */
  finish(summary: Summary, usage: Usage, tree: string): RunMeasurement {
    this.#summary = summary;
    return this.#measurement(true, usage, tree, summary.seconds, this.#counts.failed);
  }

  /** For a run whose process died after `seconds`, with `items` to do in all. */
  died(seconds: number, items: number, tree: string): RunMeasurement {
    const usage = { cpuSeconds: 0, pictureCpuSeconds: 0, peakRssBytes: 0, eventLoopUtilization: 0 };
    return this.#measurement(false, usage, tree, seconds, Math.max(1, items - this.#counts.saved));
  }

  #measurement(
    finished: boolean,
    usage: Usage,
    tree: string,
    seconds: number,
    failed: number,
  ): RunMeasurement {
    return {
      strategy: this.#strategy,
      run: this.#run,
      finished,
      seconds,
      ...this.#counts,
      failed,
      peakInFlight: this.#summary?.peakInFlight ?? this.#peakInFlight,
      usage,
      phases: this.#phases,
      occupiedMs: this.#occupiedMs,
      firstStartMs: Number.isFinite(this.#firstStartMs) ? this.#firstStartMs : 0,
      longestMs: this.#longestMs,
      pictures: this.#pictures && this.#counts.saved > 0,
      bars: this.#bars,
      window: this.#window(),
      tree,
    };
  }

  #window(): WindowHistory | null {
    const { steps } = this.#trace;
    if (steps.length === 0) return null;
    return { steps, inFlight: this.#inFlight.result, reason: this.#summary?.reason ?? null };
  }
}
