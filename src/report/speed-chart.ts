import { type Drawing, element, label, line, num, ticks, timeTicks } from '../drawing/svg.ts';
import type { SpeedReport } from './directory-report.ts';

export interface SpeedChartOptions {
  width: number;
  /** Of a bin, in the unit of the axis, a second. */
  values: (session: SpeedReport['sessions'][number]) => number[];
  tick: (perSecond: number) => string;
  colour: string;
}

const plotHeight = 120;
const sessionGap = 14;

/**
 * How fast it went, as an area over the time in which something ended. Long pauses are left out: where one was, the
 * area is interrupted.
 */
export function speedChart({ sessions, binSeconds }: SpeedReport, options: SpeedChartOptions): Drawing {
  const { width, values, tick, colour } = options;
  const [left, right, top] = [width >= 560 ? 78 : 62, 10, 8];
  const bins = sessions.reduce((sum, { items }) => sum + items.length, 0);
  const span = width - left - right - (sessions.length - 1) * Math.min(sessionGap, 200 / sessions.length);
  const gap = sessions.length < 2 ? 0 : (width - left - right - span) / (sessions.length - 1);
  const perColumn = Math.max(1, Math.ceil((bins * 3) / span));
  const columnsOf = sessions.map((session) => columns(values(session), perColumn, binSeconds));
  const most = Math.max(...columnsOf.flat().map(({ rate }) => rate), Number.MIN_VALUE);
  const bottom = top + plotHeight;
  const y = (rate: number) => bottom - (rate / most) * plotHeight;

  const scale = ticks(most, 3).map(
    (rate) =>
      line(left, y(rate), width - right, y(rate), 'gridline') +
      label(left - 8, y(rate) + 4, 'small muted end', tick(rate)),
  );
  let x = left;
  const areas = columnsOf.map((found) => {
    const from = x;
    let d = `M${num(x)} ${num(bottom)}`;
    for (const { rate, bins: wide } of found) {
      d += `V${num(y(rate))}`;
      x += (wide / bins) * span;
      d += `H${num(x)}`;
    }
    d += `V${num(bottom)}z`;
    const base = line(from, bottom, x, bottom, 'whisker');
    x += gap;
    return element('path', { d, class: colour }) + base;
  });
  // An axis of time is of use where it is one.
  const axis =
    sessions.length > 1
      ? []
      : timeTicks(bins * binSeconds, span / 100).map(({ seconds, text }) =>
          label(left + (seconds / (bins * binSeconds)) * span, bottom + 17, 'small muted middle', text),
        );
  return { content: [...scale, ...areas, ...axis].join('\n'), height: bottom + 24 };
}

/** Bins put together, of the last what is left. */
function columns(values: number[], perColumn: number, binSeconds: number): { rate: number; bins: number }[] {
  const found: { rate: number; bins: number }[] = [];
  for (let at = 0; at < values.length; at += perColumn) {
    const part = values.slice(at, at + perColumn);
    const sum = part.reduce((all, value) => all + value, 0);
    found.push({ rate: sum / (part.length * binSeconds), bins: part.length });
  }
  return found;
}
