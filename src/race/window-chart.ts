import { type Drawing, element, escapeText, label, line, num, ticks } from '../drawing/svg.ts';
import { duration, whole } from '../drawing/wording.ts';
import type { RunMeasurement, WindowHistory } from './measurement.ts';
import { changesOf, placeTexts } from './window-changes.ts';
import type { WindowStep } from './window-trace.ts';

/** Where the chart stands on the time axis of a timeline. */
export interface TimeAxis {
  x: (seconds: number) => number;
  untilSeconds: number;
  /** There is room for words left of the axis. */
  isRoomy: boolean;
}

/** Of the time axis that a run has to fill; else its window would be too small to read. */
const leastShare = 0.25;
const chartHeight = 64;
const rowHeight = 15;
/** Lines at changes beyond so many would hide what they mark: those alone that have words are drawn. */
const mostLines = 24;

/** What was allowed in a run, where there is something to draw up to `untilSeconds`. */
export function windowToDraw(run: RunMeasurement, untilSeconds: number): WindowHistory | null {
  if (run.window === null || run.window.steps[0]!.seconds >= untilSeconds) return null;
  return run.seconds >= leastShare * untilSeconds ? run.window : null;
}

/** The window as a line over what was in flight, as an area; above it, in words, where it went over to something else. */
export function windowChart(history: WindowHistory, run: RunMeasurement, axis: TimeAxis): Drawing {
  const { x, untilSeconds, isRoomy } = axis;
  const endSeconds = Math.min(run.seconds, untilSeconds);
  const steps = asDrawn(history.steps).filter(({ seconds }) => seconds < endSeconds);
  const changes = changesOf(steps).map((change) => ({ ...change, x: x(change.seconds) }));
  const texts = placeTexts(changes, x(0), x(untilSeconds) + (isRoomy ? 0 : 50));
  const top = texts.length === 0 ? 0 : (Math.max(...texts.map(({ row }) => row)) + 1) * rowHeight;
  const bottom = top + chartHeight;

  const means = history.inFlight.means;
  const most = Math.max(1, ...steps.map(({ window }) => window), ...means);
  const y = (count: number) => bottom - (count / most) * chartHeight;
  const scale = ticks(most, 3)
    .filter((value) => Number.isInteger(value))
    .map((value) => {
      const at = isRoomy ? x(0) - 8 : x(untilSeconds) + 7;
      const text = label(at, y(value) + 4, `small muted${isRoomy ? ' end' : ''}`, whole(value));
      return line(x(0), y(value), x(untilSeconds), y(value), 'gridline') + text;
    });
  const rowAt = new Map(texts.map(({ x, row }) => [x, row]));
  const marks = changes
    .filter((change) => changes.length <= mostLines || rowAt.has(change.x))
    .map((change) => {
      const row = rowAt.get(change.x);
      const from = row === undefined ? top : top - 3 - row * rowHeight;
      const title = element('title', {}, escapeText(`${duration(change.seconds)}: ${change.text}`));
      const d = `M${num(change.x)} ${num(from)}V${num(bottom)}`;
      return element('path', { d, class: 'change' }, title);
    });
  const content = [
    ...scale,
    element('path', { d: area(history, endSeconds, x, y), class: 'inFlight' }),
    ...marks,
    element('path', { d: stairs(steps, endSeconds, x, y), class: 'window' }),
    ...texts.map(({ text, x, row, isLeft }) =>
      label(x, top - 5 - row * rowHeight, `small muted${isLeft ? ' end' : ''}`, text),
    ),
    isRoomy ? label(0, top + 4, 'small muted', 'in flight') : '',
  ];
  return { content: content.filter((part) => part !== '').join('\n'), height: bottom };
}

/** A window is told so often at most, in seconds. */
const toldEvery = 0.1;

/**
 * A step is told at the end of the moment in which it happened. A window that has grown is drawn from the beginning of
 * that moment on: what was begun in it was allowed.
 */
function asDrawn(steps: readonly WindowStep[]): WindowStep[] {
  return steps.map((step, i) => {
    const before = steps[i - 1] ?? { seconds: 0, window: 0 };
    if (step.window <= before.window) return step;
    return { ...step, seconds: Math.max(before.seconds, step.seconds - toldEvery) };
  });
}

type Scale = (value: number) => number;

/** Slices narrower than this, in pixels, are drawn together. */
const finest = 1;

function area({ inFlight }: WindowHistory, endSeconds: number, x: Scale, y: Scale): string {
  const { sliceMs, means } = inFlight;
  const pixels = x(sliceMs / 1000) - x(0);
  const together = Math.max(1, Math.ceil(finest / pixels));
  let d = `M${num(x(0))} ${num(y(0))}`;
  for (let i = 0; i < means.length; i += together) {
    const slices = means.slice(i, i + together);
    const mean = slices.reduce((sum, each) => sum + each, 0) / slices.length;
    const from = (i * sliceMs) / 1000;
    if (from >= endSeconds) break;
    const to = Math.min(endSeconds, from + (slices.length * sliceMs) / 1000);
    d += `V${num(y(mean))}H${num(x(to))}`;
  }
  return `${d}V${num(y(0))}z`;
}

function stairs(steps: readonly WindowStep[], endSeconds: number, x: Scale, y: Scale): string {
  return steps
    .map(({ seconds, window }, i) => {
      const until = steps[i + 1]?.seconds ?? endSeconds;
      return `${i === 0 ? `M${num(x(seconds))} ` : 'V'}${num(y(window))}H${num(x(until))}`;
    })
    .join('');
}
