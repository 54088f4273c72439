import { formatSeconds, type RaceEvent } from '../index.ts';
import { barChart } from './bar-chart.ts';
import { wrap } from './display-width.ts';
import { raceTable } from './race-table.ts';
import { safeText } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

const widestText = 100;

/** What came of a race, as lines: table, chart, whether all wrote the same, and why the fastest was the fastest. */
export function raceText(
  { results, fastest, identical, explanation }: RaceEvent,
  terminal: Terminal,
): string[] {
  const columns = Math.min(terminal.columns(), widestText);
  const { style, unicode } = terminal;
  const rows = results
    .filter(({ median }) => Number.isFinite(median))
    .map(({ strategy, median }) => ({
      label: strategy,
      value: median,
      text: formatSeconds(median),
      marked: strategy === fastest,
    }));
  const check = identical
    ? `${style('green', unicode ? '✓' : 'ok:')} all wrote the same bytes`
    : `${style('red', unicode ? '✗' : 'NOT OK:')} not all wrote the same bytes`;
  return [
    '',
    ...raceTable(results, columns, terminal),
    '',
    ...barChart(rows, columns, terminal),
    '',
    ...(results.length > 1 && results.some(({ bytes }) => bytes > 0) ? [check, ''] : []),
    ...explanation.flatMap((paragraph) => [...wrap(safeText(paragraph), columns), '']),
  ];
}
