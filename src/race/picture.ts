import { formatBytes } from '../core/units.ts';
import { dark, drawingStyle } from '../drawing/drawing-style.ts';
import { element, label, moved } from '../drawing/svg.ts';
import { duration, things } from '../drawing/wording.ts';
import { barChart } from './bar-chart.ts';
import { nounOf, winners } from './explain.ts';
import { closeUpSeconds, headline } from './headline.ts';
import type { RaceReport } from './report.ts';
import { legend, timeline } from './timeline.ts';

const width = 1080;
const margin = 44;

/**
 * The race as a picture of its own, SVG: the bars, and the timelines from the start until the fastest was
 * done. It brings its own background and colours, so that it reads the same on a light and a dark page.
 */
export function racePicture({ figures, about }: RaceReport): string {
  const inner = width - 2 * margin;
  const best = winners(figures);
  const { saved } = best[0]!.typical;
  const chart = barChart(figures, { width: inner, best });
  const closeUp = closeUpSeconds(figures);
  const lines = timeline(figures, { width: inner, windowSeconds: closeUp, tooltips: false });
  const key = legend(figures, { width: inner - 200, windowSeconds: closeUp });
  const what = `${things(saved, nounOf(figures))}, ${formatBytes(best[0]!.result.bytes)}`;
  const runs = about.runs === 1 ? 'one run each' : `medians of ${about.runs} runs, each run a dot`;
  const caption =
    closeUp === null
      ? 'The same race, download by download'
      : `Its first ${duration(closeUp)}, download by download`;

  const parts = [
    [66, label(0, 0, 'head', headline(figures))],
    [28, label(0, 0, 'muted sub', `${what}. ${runs.charAt(0).toUpperCase()}${runs.slice(1)}.`)],
    [32, chart.content],
    [chart.height + 46, label(0, 0, 'over', caption)],
    [18, lines.content],
    [
      lines.height + 18,
      `${key.content}${label(inner, 12, 'small muted end', `${about.machine.split(',')[0]}, ${about.runtime}`)}`,
    ],
  ] as const;
  let y = 0;
  const placed = parts.map(([down, content]) => {
    y += down;
    return moved(margin, y, content);
  });
  const height = Math.round(y + key.height + 26);
  const content = [
    `<style>${drawingStyle((role) => dark[role])}</style>`,
    element('rect', { width, height, rx: 16, class: 'paper' }),
    ...placed,
  ].join('\n');
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': headline(figures),
    },
    `\n${content}\n`,
  );
  return `${svg}\n`;
}
