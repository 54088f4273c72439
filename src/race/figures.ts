import type { RaceResult } from '../core/events.ts';
import type { StrategyName } from '../core/run-spec.ts';
import type { RunMeasurement } from './measurement.ts';
import { median, type Spread, share, spread } from './statistics.ts';

/** Everything that is known of one strategy after a race. */
export interface StrategyFigures {
  result: RaceResult;
  /** In the order in which they ran. */
  runs: RunMeasurement[];
  /** Seconds of the runs that count: the finished ones where there are any. */
  counted: number[];
  spread: Spread;
  /** The run nearest the median: the one that charts draw and explanations take apart. */
  typical: RunMeasurement;
  /** Runs whose process died. */
  died: number;
}

/** Milliseconds in which an item waited for the network: for its turn and its connection, for the first byte, for the rest. */
export function networkMs(run: RunMeasurement): number {
  return run.phases.wait + run.phases.firstByte + run.phases.body;
}

/**
 * The figures of each strategy, in the order in which `strategies` names them. Every one of them has at
 * least one measurement. Medians and spread are of finished runs; a strategy whose runs all died is
 * measured by the times until they did.
 */
export function figuresOf(
  strategies: readonly StrategyName[],
  measurements: readonly RunMeasurement[],
): StrategyFigures[] {
  const figures = strategies.map((strategy) => {
    const runs = measurements.filter((run) => run.strategy === strategy).sort((a, b) => a.run - b.run);
    const finished = runs.filter((run) => run.finished);
    const counting = finished.length > 0 ? finished : runs;
    const counted = counting.map((run) => run.seconds);
    const middle = median(counted);
    const distance = (run: RunMeasurement) => Math.abs(run.seconds - middle);
    const typical = counting.reduce((best, run) => (distance(run) < distance(best) ? run : best));
    const of = (pick: (run: RunMeasurement) => number) => median(counting.map(pick));
    const result: RaceResult = {
      strategy,
      seconds: runs.map((run) => run.seconds),
      median: middle,
      speedup: 1,
      bytes: of((run) => run.bytes),
      failed: Math.max(...runs.map((run) => run.failed)),
      peakInFlight: Math.max(...runs.map((run) => run.peakInFlight)),
      cpuSeconds: of((run) => run.usage.cpuSeconds),
      peakRssBytes: of((run) => run.usage.peakRssBytes),
      waitingShare: of((run) => Math.min(1, share(networkMs(run), run.occupiedMs))),
      eventLoopUtilization: of((run) => run.usage.eventLoopUtilization),
    };
    const died = runs.length - finished.length;
    return { result, runs, counted, spread: spread(counted), typical, died };
  });
  const base = baselineOf(figures).result.median;
  for (const { result } of figures) result.speedup = share(base, result.median);
  return figures;
}

/** What the others are compared with: `sync`, or the slowest where it did not run or did not finish. */
export function baselineOf(figures: readonly StrategyFigures[]): StrategyFigures {
  const finished = figures.filter((each) => each.died < each.runs.length);
  const among = finished.length > 0 ? finished : figures;
  return (
    among.find((each) => each.result.strategy === 'sync') ??
    among.reduce((slowest, each) => (each.result.median > slowest.result.median ? each : slowest))
  );
}

/** From the fastest on. A strategy that left something out comes after all that left out less, however quick it was. */
export function ranked(figures: readonly StrategyFigures[]): StrategyFigures[] {
  return figures.toSorted((a, b) => a.result.failed - b.result.failed || a.result.median - b.result.median);
}

/** Whether all runs left the same files with the same bytes. */
export function identicalTrees(measurements: readonly RunMeasurement[]): boolean {
  return new Set(measurements.map((run) => run.tree)).size <= 1;
}
