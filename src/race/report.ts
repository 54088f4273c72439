import type { RaceEvent } from '../core/events.ts';
import { formatBytes } from '../core/units.ts';
import { figure, htmlPage, prose, widths } from '../drawing/page.ts';
import { escapeText } from '../drawing/svg.ts';
import { duration, things } from '../drawing/wording.ts';
import type { AboutRace } from './about.ts';
import { barChart } from './bar-chart.ts';
import { nounOf, winners } from './explain.ts';
import type { StrategyFigures } from './figures.ts';
import { closeUpSeconds, headline } from './headline.ts';
import { resultTable } from './result-table.ts';
import { legend, showsWindow, timeline } from './timeline.ts';

export interface RaceReport {
  result: RaceEvent;
  /** In the order of `result.results`. */
  figures: StrategyFigures[];
  about: AboutRace;
}

/**
 * The race as one HTML page, as `htmlPage` makes them. Byte-stable. `pictureName` is the name of the picture beside it, to be linked.
 */
export function raceReport({ result, figures, about }: RaceReport, pictureName?: string): string {
  const title = headline(figures);
  const [first, ...why] = result.explanation;
  const runs =
    about.runs === 1
      ? 'One run each.'
      : `Medians of ${about.runs} runs; a dot is a run, the line their spread.`;
  const picture =
    pictureName === undefined
      ? ''
      : `<p class="note"><a href="${escapeText(encodeURIComponent(pictureName))}">This race as a picture of its own</a></p>`;
  const body = `<header>
<p class="eyebrow">Gallop race</p>
<h1>${escapeText(title)}</h1>
<p class="lede">${prose(first ?? '')}</p>
</header>
<section>
<h2>Time for everything</h2>
<p class="note">${runs}</p>
${figure(`Time of each strategy: ${spoken(figures)}`, (width) => barChart(figures, { width, best: winners(figures) }))}
</section>
${why.length === 0 ? '' : `<section>\n<h2>Why</h2>\n${why.map((text) => `<p>${prose(text)}</p>`).join('\n')}\n</section>`}
${timelines(figures)}
<section>
<h2>The figures</h2>
${resultTable(figures, winners(figures))}
<p class="note">${identity(result, figures)}</p>
</section>
<section>
<h2>What was measured</h2>
${facts(about, figures)}
${picture}
</section>`;
  return htmlPage({ title: `${title} - Gallop race`, body });
}

function timelines(figures: readonly StrategyFigures[]): string {
  const closeUp = closeUpSeconds(figures);
  const part = (title: string, text: string, windowSeconds: number | null) => {
    const notes = new Set<string>();
    const drawn = figure(title, (width) => {
      const options = { width, windowSeconds, tooltips: width === widths.wide };
      const { notes: more, ...drawing } = timeline(figures, options);
      for (const note of more) notes.add(note);
      return drawing;
    });
    const left = notes.size === 0 ? '' : `<p class="note">${escapeText([...notes].join(' '))}</p>`;
    return `<section>\n<h2>${title}</h2>\n<p class="note">${text}</p>\n${figure('Colours', (width) => legend(figures, { width, windowSeconds }))}\n${drawn}\n${left}</section>`;
  };
  const bars = 'A row is a slot, a bar is a download, and its colours are what it spent its time on.';
  const window = 'Below auto stands how many it allowed to be in flight, and how many were.';
  const how = showsWindow(figures, closeUp) ? `${bars} ${window}` : bars;
  if (closeUp === null) return part('Download by download', how, null);
  return [
    part(
      `The first ${duration(closeUp)}`,
      `${how} All on one time axis, until the fastest was done.`,
      closeUp,
    ),
    part('The whole race', 'The same, to the end of the slowest.', null),
  ].join('\n');
}

const spoken = (figures: readonly StrategyFigures[]) =>
  figures.map(({ result }) => `${result.strategy} ${duration(result.median)}`).join(', ');

function identity({ identical }: RaceEvent, figures: readonly StrategyFigures[]): string {
  const runs = figures.reduce((sum, each) => sum + each.runs.length, 0);
  if (runs < 2) return '';
  return identical
    ? `All ${runs} runs left the same files with the same bytes, compared by path, size and SHA-256.`
    : 'The runs did not all leave the same files with the same bytes.';
}

function facts(about: AboutRace, figures: readonly StrategyFigures[]): string {
  const { typical, result } = winners(figures)[0]!;
  const rows: [string, string][] = [
    ['Source', about.source],
    ['Work', `${things(typical.items, nounOf(figures))}, ${formatBytes(result.bytes)}`],
    ['Runs', `${about.runs} of each strategy in turn, each in a fresh directory and a process of its own`],
    ['Machine', about.machine],
    ['System', `${about.system}; ${about.runtime}`],
    ...about.settings.map(([name, value]): [string, string] => [
      `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      value,
    ]),
    ['When', about.when],
  ];
  const items = rows.map(([name, value]) => `<dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd>`);
  return `<dl>\n${items.join('\n')}\n</dl>\n<p class="note">Times are measured in the run itself, from its start to its last file; the start of Node.js is not in them. CPU time is of all its threads and processes, memory the sum of their peaks.</p>`;
}
