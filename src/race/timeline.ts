import type { Timings } from '../core/outcome.ts';
import {
  box,
  type Drawing,
  element,
  escapeText,
  label,
  line,
  moved,
  rect,
  timeTicks,
} from '../drawing/svg.ts';
import { duration, whole } from '../drawing/wording.ts';
import type { StrategyFigures } from './figures.ts';
import type { Bar, RunMeasurement } from './measurement.ts';
import { windowChart, windowToDraw } from './window-chart.ts';

export interface TimelineOptions {
  width: number;
  /** Show only so much from the start; null for everything. */
  windowSeconds: number | null;
  /** Tell of each download when it is pointed at. */
  tooltips: boolean;
}

/** What has more than this is drawn in part, and a note says so. */
const mostRows = 100;
const mostBars = 1200;
const mostTooltips = 250;

export const phases = [
  ['wait', 'before the request'],
  ['firstByte', 'to the first byte'],
  ['body', 'body'],
  ['stage', 'image stage'],
  ['write', 'disk'],
] as const satisfies (readonly [keyof Timings, string])[];

/**
 * A panel a strategy on one common time axis; in it a row a slot, and in the row a bar a download, coloured by
 * what it spent its time on. So one sees one at a time, five, all at once. Below the panel of `auto` stands what it allowed.
 * `notes` say what was left out.
 */
export function timeline(
  figures: readonly StrategyFigures[],
  options: TimelineOptions,
): Drawing & { notes: string[] } {
  const { width, windowSeconds } = options;
  const roomy = width >= 560;
  const [left, right] = roomy ? [140, 76] : [0, 58];
  const runs = figures.map((each) => each.typical);
  const until = axisSeconds(runs, windowSeconds);
  const x = (seconds: number) => left + (seconds / until) * (width - left - right);

  const notes: string[] = [];
  const panels: string[] = [];
  let y = 4;
  for (const run of runs) {
    const shown = shownBars(run, until);
    const rows = shown.rows.length;
    const rowHeight = rows <= 1 ? 16 : rows <= 8 ? 9 : Math.min(6, Math.max(1.4, 150 / rows));
    const top = roomy ? y : y + 20;
    const height = rowHeight * rows;
    panels.push(
      captions(run, roomy ? 0 : null, top, until, windowSeconds !== null),
      rect(x(0), top, x(Math.min(run.seconds, until)) - x(0), height, 'lane'),
      bars(shown, run, top, rowHeight, x, until, options.tooltips),
      ending(run, top, height, x, until),
    );
    if (shown.note !== null) notes.push(`${run.strategy}: ${shown.note}.`);
    const captionHeight = roomy ? (windowSeconds === null ? 32 : 48) : 0;
    y = top + Math.max(height, captionHeight) + (roomy ? 18 : 14);
    const window = windowToDraw(run, until);
    if (window === null) continue;
    const chart = windowChart(window, run, { x, untilSeconds: until, isRoomy: roomy });
    panels.push(moved(0, y - 6, chart.content));
    y += chart.height + 14;
  }
  const marks = timeTicks(until, (width - left - right) / (roomy ? 90 : 70));
  const axis = marks.map(
    ({ seconds, text }, i) =>
      line(x(seconds), 0, x(seconds), y, 'gridline') +
      label(x(seconds), y + 16, `small muted${i === 0 && !roomy ? '' : ' middle'}`, text),
  );
  return { content: [...axis, ...panels].join('\n'), height: y + 24, notes };
}

/** Where the time axis ends. */
const axisSeconds = (runs: readonly RunMeasurement[], windowSeconds: number | null): number =>
  windowSeconds ?? Math.max(...runs.map((run) => run.seconds), 0.001);

/** Whether there is a window to see in such a timeline. */
export function showsWindow(figures: readonly StrategyFigures[], windowSeconds: number | null): boolean {
  const runs = figures.map((each) => each.typical);
  return runs.some((run) => windowToDraw(run, axisSeconds(runs, windowSeconds)) !== null);
}

/** The colours that occur in a timeline, with their meaning. */
export function legend(
  figures: readonly StrategyFigures[],
  { width, windowSeconds }: Pick<TimelineOptions, 'width' | 'windowSeconds'>,
): Drawing {
  const runs = figures.map((each) => each.typical);
  const occupied = runs.reduce((sum, run) => sum + run.occupiedMs, 0);
  const seen: [string, string][] = phases
    .filter(([phase]) => runs.reduce((sum, run) => sum + run.phases[phase], 0) >= 0.002 * occupied)
    .map(([phase, text]) => [phase, text]);
  if (runs.some((run) => run.bars.some((bar) => bar.failed))) seen.push(['failed', 'failed']);
  if (showsWindow(figures, windowSeconds)) {
    seen.push(['window', 'what auto allowed'], ['inFlight', 'what was in flight']);
  }
  let [x, y] = [0, 0];
  const parts = seen.map(([name, text]) => {
    // About 6.6 pixels a letter at 12 pixels: room enough in every font of the list.
    const takes = 18 + text.length * 6.6 + 18;
    if (x > 0 && x + takes - 18 > width) [x, y] = [0, y + 20];
    const sample = name === 'window' ? line(x, y + 8, x + 12, y + 8, name) : rect(x, y + 2, 12, 12, name);
    const part = sample + label(x + 18, y + 12, 'small muted', text);
    x += takes;
    return part;
  });
  return { content: parts.join('\n'), height: y + 20 };
}

interface Shown {
  bars: Bar[];
  /** Slots, in the order of their rows. */
  rows: number[];
  /** From here on nothing is drawn although there was something; null where all is drawn. */
  cutMs: number | null;
  note: string | null;
}

function shownBars(run: RunMeasurement, untilSeconds: number): Shown {
  const slots = [...new Set(run.bars.map((bar) => bar.slot))].sort((a, b) => a - b);
  const step = Math.max(1, slots.length / mostRows);
  const rows = step === 1 ? slots : Array.from({ length: mostRows }, (_, i) => slots[Math.floor(i * step)]!);
  const chosen = new Set(rows);
  const inView = run.bars
    .filter((bar) => chosen.has(bar.slot) && bar.startedMs < untilSeconds * 1000)
    .sort((a, b) => a.startedMs - b.startedMs);
  const bars = inView.slice(0, mostBars);
  const lastBar = bars.at(-1);
  const forgotten = run.bars.length < run.items;
  const cutMs = inView[mostBars]?.startedMs ?? (forgotten && lastBar !== undefined ? lastBar.endedMs : null);
  const parts = [
    rows.length < slots.length ? `${mostRows} of ${whole(slots.length)} slots are drawn` : '',
    cutMs === null ? '' : `the first ${whole(bars.length)} downloads are drawn one by one, the rest in grey`,
  ].filter((part) => part !== '');
  return { bars, rows, cutMs, note: parts.length === 0 ? null : parts.join(', ') };
}

function bars(
  { bars, rows, cutMs }: Shown,
  run: RunMeasurement,
  top: number,
  rowHeight: number,
  x: (seconds: number) => number,
  untilSeconds: number,
  tooltips: boolean,
): string {
  const rowOf = new Map(rows.map((slot, row) => [slot, row]));
  const thick = rowHeight >= 4 ? rowHeight - 1.2 : rowHeight * 0.86;
  const paths = new Map<string, string>();
  const add = (name: string, fromMs: number, toMs: number, y: number) => {
    const [from, to] = [x(fromMs / 1000), x(Math.min(toMs / 1000, untilSeconds))];
    if (to - from >= 0.05) paths.set(name, (paths.get(name) ?? '') + box(from, y, to - from, thick));
  };
  const hits: string[] = [];
  for (const bar of bars) {
    const y = top + rowOf.get(bar.slot)! * rowHeight;
    // A gap between neighbours in a row, where there is room for one.
    const gapMs = (0.8 / (x(1) - x(0))) * 1000;
    const endMs = bar.endedMs - bar.startedMs > 4 * gapMs ? bar.endedMs - gapMs : bar.endedMs;
    let fromMs = bar.startedMs;
    for (const [phase] of bar.failed ? [] : phases) {
      const toMs = Math.min(fromMs + bar.ms[phase], endMs);
      add(phase, fromMs, toMs, y);
      fromMs = toMs;
    }
    add(bar.failed ? 'failed' : 'rest', fromMs, endMs, y);
    if (tooltips && bars.length <= mostTooltips && bar.startedMs < untilSeconds * 1000) {
      const from = x(bar.startedMs / 1000);
      const width = Math.max(0.5, x(Math.min(bar.endedMs / 1000, untilSeconds)) - from);
      const title = element('title', {}, escapeText(tooltip(bar)));
      hits.push(element('rect', { x: from, y, width, height: thick, class: 'hit' }, title));
    }
  }
  if (cutMs !== null) {
    for (let row = 0; row < rows.length; row++) {
      add('rest', cutMs, run.seconds * 1000, top + row * rowHeight);
    }
  }
  return [...[...paths].map(([name, d]) => element('path', { d, class: name })), ...hits].join('\n');
}

function tooltip(bar: Bar): string {
  const spent = phases
    .filter(([phase]) => bar.ms[phase] >= 0.05)
    .map(([phase, text]) => `${text} ${duration(bar.ms[phase] / 1000)}`);
  const took = duration((bar.endedMs - bar.startedMs) / 1000);
  return `${bar.label}\n${bar.failed ? 'failed after' : 'took'} ${took}${spent.length > 0 ? `: ${spent.join(', ')}` : ''}`;
}

/** Name and number in flight, left of the panel, or above it where `x` is null. */
function captions(
  run: RunMeasurement,
  x: number | null,
  top: number,
  untilSeconds: number,
  inWindow: boolean,
): string {
  const together = run.peakInFlight <= 1 ? 'one at a time' : `up to ${whole(run.peakInFlight)} at once`;
  const done = run.bars.filter((bar) => bar.endedMs <= untilSeconds * 1000 && !bar.failed).length;
  const ofAll = inWindow && run.bars.length === run.items ? `${whole(done)} of ${whole(run.items)} done` : '';
  if (x !== null) {
    return (
      label(x, top + 12, 'strong', run.strategy) +
      label(x, top + 28, 'small muted', together) +
      (ofAll === '' ? '' : label(x, top + 44, 'small muted', ofAll))
    );
  }
  const texts = [together, ofAll].filter((text) => text !== '').join(', ');
  const name = element('tspan', { class: 'strong' }, run.strategy);
  return element(
    'text',
    { x: 0, y: top - 6 },
    name + element('tspan', { class: 'small muted', dx: 8 }, escapeText(texts)),
  );
}

/** Where the run ended, or, past the right edge, that it went on. */
function ending(
  run: RunMeasurement,
  top: number,
  height: number,
  x: (seconds: number) => number,
  untilSeconds: number,
): string {
  const y = top + Math.min(height / 2, 60) + 4.5;
  if (run.seconds > untilSeconds)
    return label(x(untilSeconds) + 7, y, 'small muted', `→ ${duration(run.seconds)}`);
  const end = x(run.seconds);
  return (
    line(end, top - 2, end, top + height + 2, 'done') +
    label(end + 7, y, 'small strong', duration(run.seconds))
  );
}
