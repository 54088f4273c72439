import { duration, factor } from '../drawing/wording.ts';
import { ranked, type StrategyFigures } from './figures.ts';
import type { RunMeasurement } from './measurement.ts';
import { tied } from './statistics.ts';
import type { WindowStep } from './window-trace.ts';

/** What `auto` chose, why, and what choosing cost; empty where it did not run or there was nothing to choose. */
export function explainAuto(figures: readonly StrategyFigures[]): string {
  const auto = figures.find(({ result }) => result.strategy === 'auto');
  if (auto === undefined || auto.typical.saved === 0 || auto.typical.items === 1) return '';
  return [choice(auto.typical), comparison(auto, figures)].filter((sentence) => sentence !== '').join(' ');
}

function choice({ window, peakInFlight, items, seconds }: RunMeasurement): string {
  const all = peakInFlight >= items ? ', which was everything at once' : '';
  if (window === null) return `auto had to find its number first: up to ${peakInFlight} in flight${all}.`;
  const { steps, reason } = window;
  const first = steps[0]!;
  const most = steps.reduce((best, step) => (step.window > best.window ? step : best));
  const then = usualFrom(most.seconds, steps, seconds);
  const way = [
    `it allowed ${first.window} in flight after ${duration(first.seconds)}`,
    most.window > first.window ? `${most.window} after ${duration(most.seconds)}` : '',
    then < most.window ? `then mostly ${then}` : '',
  ].filter((part) => part !== '');
  const why = reason === null || all !== '' ? '' : ` Its reason: ${reason}.`;
  return `auto had to find its number first: ${way.join(', ')}; it used up to ${peakInFlight}${all}.${why}`;
}

/** The window that held for the longest time, from `fromSeconds` on. */
function usualFrom(fromSeconds: number, steps: readonly WindowStep[], endSeconds: number): number {
  const held = new Map<number, number>();
  for (const [i, { seconds, window }] of steps.entries()) {
    if (seconds < fromSeconds) continue;
    const until = steps[i + 1]?.seconds ?? endSeconds;
    held.set(window, (held.get(window) ?? 0) + until - seconds);
  }
  return [...held].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

/** Against the best of those that were told theirs, where both did the same work. */
function comparison(auto: StrategyFigures, figures: readonly StrategyFigures[]): string {
  const best = ranked(figures).find((each) => each !== auto && each.died < each.runs.length);
  if (best === undefined || best.result.failed !== auto.result.failed) return '';
  const { strategy, median, peakInFlight } = best.result;
  const told = `${strategy}, the best of those that were told theirs (up to ${peakInFlight})`;
  if (tied(auto.counted, best.counted))
    return `That cost no time that these runs could tell, against ${told}.`;
  const ratio = auto.result.median / median;
  return ratio > 1
    ? `It took ${factor(ratio)} times as long as ${told}.`
    : `It was ${factor(1 / ratio)} times as fast as ${told}.`;
}
