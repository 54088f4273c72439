import { formatBytes } from '../core/units.ts';
import { duration, factor, list, percent, rate, things } from '../drawing/wording.ts';
import { explainAuto } from './explain-auto.ts';
import { explainLimit, explainPools } from './explain-overlap.ts';
import { explainPictures } from './explain-pictures.ts';
import { baselineOf, ranked, type StrategyFigures } from './figures.ts';
import type { Machine } from './limit.ts';
import { share, tied } from './statistics.ts';

/** `picture`, or `file` where something else was saved or nothing was. */
export function nounOf(figures: readonly StrategyFigures[]): string {
  return figures.every(({ typical }) => typical.pictures || typical.saved === 0) &&
    figures.some(({ typical }) => typical.pictures)
    ? 'picture'
    : 'file';
}

/**
 * Why the fastest won, in paragraphs of plain text. Every sentence is chosen by the measurements and
 * quotes the figures that it rests on; what the figures do not show is not said.
 */
export function explain(figures: readonly StrategyFigures[], identical: boolean, machine: Machine): string[] {
  const sync = figures.find(
    ({ result, typical }) => result.strategy === 'sync' && typical.finished && typical.items > 0,
  );
  const noun = nounOf(figures);
  // Times of failing are not times of downloading: there is nothing to explain by them.
  if (figures.every(({ typical }) => typical.saved === 0)) {
    return [result(figures, noun), caveats(figures, identical, noun)].filter((paragraph) => paragraph !== '');
  }
  return [
    result(figures, noun),
    alone(sync, noun),
    explainLimit(figures, sync, noun, machine),
    explainPictures(figures, noun, machine),
    explainAuto(figures),
    explainPools(figures, sync, machine),
    cost(figures),
    caveats(figures, identical, noun),
  ].filter((paragraph) => paragraph !== '');
}

/** Those that nobody can tell apart from the fastest, the fastest first. */
export function winners(figures: readonly StrategyFigures[]): StrategyFigures[] {
  const order = ranked(figures);
  const first = order[0]!;
  return order.filter(
    (each) => each.result.failed === first.result.failed && tied(each.counted, first.counted),
  );
}

/** The race in one sentence. */
export function result(figures: readonly StrategyFigures[], noun: string): string {
  const [first, ...equal] = winners(figures);
  const base = baselineOf(figures);
  const { strategy, median, speedup, bytes } = first!.result;
  const work = `${things(first!.typical.saved, noun)} (${workBytes(first!.typical.receivedBytes, bytes)})`;
  if (first!.typical.saved === 0)
    return `No strategy could save anything; ${strategy} took ${duration(median)}.`;
  if (figures.length === 1) {
    return `${strategy} took ${duration(median)} for ${work}. It ran alone, so there is nothing to compare it with.`;
  }
  const compared =
    base === first || equal.includes(base)
      ? ''
      : `, ${factor(speedup)} times as fast as ${base.result.strategy} (${duration(base.result.median)})`;
  if (equal.length === 0) return `${strategy} was the fastest: ${work} in ${duration(median)}${compared}.`;
  const all = [first!, ...equal].map((each) => each.result);
  return (
    `${list(all.map((each) => each.strategy))} were equally fast, as far as these runs can tell: ${work} ` +
    `in ${list([...new Set(all.map((each) => duration(each.median)))])}${compared}.`
  );
}

/** What came, and what was stored where the image stage made other files of it. */
function workBytes(received: number, stored: number): string {
  return received === stored
    ? formatBytes(stored)
    : `${formatBytes(received)}, stored as ${formatBytes(stored)}`;
}

/** What one download after the other spends its time on: what the others can and cannot take away. */
function alone(sync: StrategyFigures | undefined, noun: string): string {
  if (sync === undefined) return '';
  const { typical } = sync;
  const perItem = (ms: number) => ms / 1000 / typical.items;
  const { wait, firstByte, body, stage, write } = typical.phases;
  const bodyRate = body > 0 ? `, at ${rate(typical.receivedBytes, body / 1000)}` : '';
  const matters = (ms: number) => ms >= 0.05 * typical.occupiedMs;
  const parts = [
    matters(wait) ? `${duration(perItem(wait))} before its request went out` : '',
    `${duration(perItem(firstByte))} until its first byte`,
    matters(body) ? `${duration(perItem(body))} for its body${bodyRate}` : '',
    matters(stage) ? `${duration(perItem(stage))} in the image stage` : '',
    matters(write) ? `${duration(perItem(write))} for the disk` : '',
  ].filter((part) => part !== '');
  const one = typical.items === 1 ? `The ${noun}` : `One at a time, a ${noun}`;
  const took = `${one} took ${duration(perItem(typical.occupiedMs))}: ${list(parts)}.`;
  return `${took} ${computingShare(sync)}`;
}

function computingShare({ typical }: StrategyFigures): string {
  const cpu = typical.usage.cpuSeconds;
  const part = Math.min(1, share(cpu, typical.seconds));
  const worked = `The processor worked for ${duration(cpu)} of the ${duration(typical.seconds)}, ${percent(part)}`;
  if (typical.items === 1) return `${worked}.`;
  const other = duration(Math.max(0, typical.seconds - cpu));
  if (part < 0.2) {
    return `${worked}; the rest was waiting, and waiting can be done side by side.`;
  }
  if (part < 0.6) {
    return `${worked}: of the rest, ${other} of waiting, much can be done side by side; the computing stays.`;
  }
  return (
    `${worked}: the other ${other} is all that overlapping can take away. ` +
    'Whatever is saved beyond it comes from computing less, or on several cores.'
  );
}

/** What the speed cost in processor time and memory. */
function cost(figures: readonly StrategyFigures[]): string {
  const known = figures.filter((each) => each.died < each.runs.length);
  if (known.length < 2) return '';
  const by = (pick: (each: StrategyFigures) => number) => known.toSorted((a, b) => pick(a) - pick(b));
  const cpu = by((each) => each.result.cpuSeconds);
  const memory = by((each) => each.result.peakRssBytes);
  return (
    `The same work cost ${range(cpu, (each) => each.result.cpuSeconds, duration, 'of processor time')}, ` +
    `and at its peak ${range(memory, (each) => each.result.peakRssBytes, formatBytes, 'of memory')}.`
  );
}

/** From the first to the last of `sorted`, with their names, or the one value where they are about the same. */
function range(
  sorted: readonly StrategyFigures[],
  pick: (each: StrategyFigures) => number,
  text: (value: number) => string,
  what: string,
): string {
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (pick(most) <= 1.1 * pick(least)) return `about ${text(pick(most))} ${what} with each`;
  const named = (each: StrategyFigures) => `${text(pick(each))} (${each.result.strategy})`;
  return `between ${named(least)} and ${named(most)} ${what}`;
}

function caveats(figures: readonly StrategyFigures[], identical: boolean, noun: string): string {
  const died = figures.filter((each) => each.died > 0);
  const failed = figures.filter((each) => each.result.failed > 0);
  const order = ranked(figures);
  const quicker = order.filter(
    (each) => each.result.failed > order[0]!.result.failed && each.result.median < order[0]!.result.median,
  );
  const mostRuns = Math.max(...figures.map(({ runs }) => runs.length));
  return [
    ...died.map(
      (each) => `${each.died} of ${things(each.runs.length, 'run')} of ${each.result.strategy} died.`,
    ),
    failed.length === 0
      ? ''
      : `Not everything arrived: ${list(
          failed.map(({ result: { strategy, failed } }) => `${strategy} failed at ${things(failed, noun)}`),
        )}.`,
    quicker.length === 0
      ? ''
      : `${list(quicker.map(({ result }) => result.strategy))} ended sooner with less done, which is not winning.`,
    identical || mostRuns * figures.length < 2 ? '' : 'The runs did not all leave the same files.',
    mostRuns === 1 && figures.length > 1
      ? 'Each strategy ran once: differences of a tenth may be chance, and --runs 5 shows the spread.'
      : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
