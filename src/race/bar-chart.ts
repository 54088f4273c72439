import { type Drawing, element, label, line, rect, timeTicks } from '../drawing/svg.ts';
import { duration, factor } from '../drawing/wording.ts';
import type { StrategyFigures } from './figures.ts';

export interface ChartOptions {
  width: number;
  /** Strategies drawn as winners. */
  best: readonly StrategyFigures[];
}

/**
 * A bar a strategy: its median, a whisker over its spread, a dot a run, and beside it the time and the
 * speed-up. The axis begins at nothing, and every bar has the same scale.
 */
export function barChart(figures: readonly StrategyFigures[], { width, best }: ChartOptions): Drawing {
  const roomy = width >= 560;
  const [left, right, pitch, thick] = roomy ? [96, 142, 34, 18] : [80, 66, 30, 16];
  const span = width - left - right;
  const longest = Math.max(...figures.map((each) => Math.max(...each.counted)));
  const x = (seconds: number) => left + (longest > 0 ? (seconds / longest) * span : 0);
  const bottom = figures.length * pitch + 2;

  const marks = timeTicks(longest, span / (roomy ? 90 : 60));
  const axis = marks.map(
    ({ seconds, text }) =>
      line(x(seconds), 0, x(seconds), bottom, 'gridline') +
      label(x(seconds), bottom + 17, 'small muted middle', text),
  );
  const bars = figures.map((each, i) => {
    const { strategy, median, speedup } = each.result;
    const middle = i * pitch + pitch / 2;
    const won = best.includes(each);
    const afterX = Math.max(x(median), x(each.spread.max)) + 9;
    const spreadMarks =
      each.counted.length < 2
        ? ''
        : line(x(each.spread.min), middle, x(each.spread.max), middle, 'whisker') +
          each.counted
            .map((seconds) => element('circle', { cx: x(seconds), cy: middle, r: 3, class: 'dot' }))
            .join('');
    const times = figures.length > 1 ? ` ${factor(speedup)}×` : '';
    const said =
      element('tspan', { class: won ? 'strong' : undefined }, duration(median)) +
      (roomy ? element('tspan', { class: 'muted', dx: 8 }, times) : '');
    return (
      label(left - 12, middle + 4.5, `end${won ? ' strong' : ''}`, strategy) +
      rect(left, middle - thick / 2, Math.max(1, x(median) - left), thick, won ? 'winner' : 'bar') +
      spreadMarks +
      element('text', { x: afterX, y: middle + 4.5 }, said)
    );
  });
  return { content: [...axis, ...bars].join('\n'), height: bottom + 24 };
}
