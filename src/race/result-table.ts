import { formatBytes } from '../core/units.ts';
import { escapeText } from '../drawing/svg.ts';
import { duration, factor, percent, whole } from '../drawing/wording.ts';
import type { StrategyFigures } from './figures.ts';

type Column = { head: string; about: string; cell: (figures: StrategyFigures) => string };

const columns: Column[] = [
  { head: 'Median', about: 'median time of the runs', cell: ({ result }) => duration(result.median) },
  {
    head: 'Spread',
    about: 'shortest and longest run',
    cell: ({ spread, counted }) =>
      counted.length < 2 ? 'one run' : `${duration(spread.min)} to ${duration(spread.max)}`,
  },
  {
    head: 'Speed-up',
    about: 'times as fast as one at a time',
    cell: ({ result }) => `${factor(result.speedup)}×`,
  },
  {
    head: 'CPU time',
    about: 'user and system time of all threads and processes',
    cell: ({ result }) => duration(result.cpuSeconds),
  },
  {
    head: 'Memory',
    about: 'largest resident set, summed over the processes',
    cell: ({ result }) => formatBytes(result.peakRssBytes),
  },
  { head: 'At once', about: 'most downloads in flight', cell: ({ result }) => whole(result.peakInFlight) },
  {
    head: 'Waiting',
    about: 'share of the time of a download in which it waited for the network',
    cell: ({ result }) => percent(result.waitingShare),
  },
  { head: 'Failed', about: 'items that failed', cell: ({ result }) => whole(result.failed) },
];

/** The figures of every strategy as an HTML table; what has failures says so in words, not by colour alone. */
export function resultTable(figures: readonly StrategyFigures[], best: readonly StrategyFigures[]): string {
  const shown = columns.filter(
    ({ head }) => head !== 'Failed' || figures.some(({ result }) => result.failed > 0),
  );
  const heads = shown.map(
    ({ head, about }) => `<th scope="col" title="${escapeText(about)}">${escapeText(head)}</th>`,
  );
  const rows = figures.map((each) => {
    const cells = shown.map(({ cell }) => `<td>${escapeText(cell(each))}</td>`);
    const died = each.died > 0 ? ` (${each.died} died)` : '';
    const name = `<th scope="row">${escapeText(each.result.strategy + died)}</th>`;
    return `<tr${best.includes(each) ? ' class="best"' : ''}>${name}${cells.join('')}</tr>`;
  });
  return `<div class="scroll" role="region" aria-label="Figures" tabindex="0">
<table>
<thead><tr><th scope="col">Strategy</th>${heads.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>`;
}
