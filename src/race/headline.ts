import { duration, factor, list } from '../drawing/wording.ts';
import { winners } from './explain.ts';
import { baselineOf, ranked, type StrategyFigures } from './figures.ts';

/** The result in a few words: `async was 22 times as fast as sync`. */
export function headline(figures: readonly StrategyFigures[]): string {
  const best = winners(figures);
  const base = baselineOf(figures);
  const first = best[0]!;
  if (first.typical.saved === 0) return 'Nothing could be saved';
  if (figures.length === 1) return `${first.result.strategy} took ${duration(first.result.median)}`;
  if (best.length === figures.length) return 'All strategies were equally fast';
  const names = list(best.map(({ result }) => result.strategy));
  if (best.includes(base)) return `Nothing beat ${base.result.strategy}`;
  const was = best.length === 1 ? 'was' : 'were';
  return `${names} ${was} ${factor(first.result.speedup)} times as fast as ${base.result.strategy}`;
}

/**
 * The time from the start that a timeline should also be drawn for alone, in seconds, so that the fastest
 * can be seen beside a much slower one; null where one axis shows all of them well.
 */
export function closeUpSeconds(figures: readonly StrategyFigures[]): number | null {
  const fastest = ranked(figures)[0]!.typical.seconds;
  const slowest = Math.max(...figures.map(({ typical }) => typical.seconds));
  return fastest > 0 && slowest > 2.5 * fastest ? fastest * 1.2 : null;
}
