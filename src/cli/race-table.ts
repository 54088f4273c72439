import { formatBytes, formatSeconds, type RaceResult } from '../index.ts';
import { displayWidth, pad } from './display-width.ts';
import type { Terminal } from './terminal.ts';

interface Column {
  head: string;
  /** The higher, the earlier it goes where the table is too wide. */
  rank: number;
  text: (result: RaceResult) => string;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
const factor = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)}x`;
/** A strategy whose runs all died has no figures. */
const orDash = (value: number, format: (value: number) => string) =>
  Number.isFinite(value) ? format(value) : '-';

function spreadOf({ seconds }: RaceResult): string {
  if (seconds.length === 0) return '-';
  return `${Math.min(...seconds).toFixed(2)}-${Math.max(...seconds).toFixed(2)}`;
}

function columnsFor(results: RaceResult[]): Column[] {
  const repeated = results.some(({ seconds }) => seconds.length > 1);
  const failed = results.some((result) => result.failed > 0);
  return [
    { head: 'strategy', rank: 0, text: ({ strategy }) => strategy },
    { head: repeated ? 'median' : 'time', rank: 0, text: ({ median }) => orDash(median, formatSeconds) },
    ...(repeated ? [{ head: 'spread, s', rank: 3, text: spreadOf }] : []),
    { head: 'speed-up', rank: 1, text: ({ speedup }) => orDash(speedup, factor) },
    ...(failed ? [{ head: 'failed', rank: 2, text: (result: RaceResult) => String(result.failed) }] : []),
    { head: 'CPU', rank: 4, text: ({ cpuSeconds }) => formatSeconds(cpuSeconds) },
    { head: 'memory', rank: 5, text: ({ peakRssBytes }) => formatBytes(peakRssBytes) },
    { head: 'in flight', rank: 6, text: ({ peakInFlight }) => String(peakInFlight) },
    { head: 'waiting', rank: 7, text: ({ waitingShare }) => percent(waitingShare) },
    { head: 'bytes', rank: 8, text: ({ bytes }) => formatBytes(bytes) },
  ];
}

/** The race as a table of at most `columns`: where they do not suffice, the less telling columns are left out. */
export function raceTable(
  results: RaceResult[],
  columns: number,
  { unicode, style }: Pick<Terminal, 'unicode' | 'style'>,
): string[] {
  const gap = '  ';
  let table = columnsFor(results).map((column) => {
    const cells = results.map(column.text);
    return { ...column, cells, width: Math.max(...[column.head, ...cells].map(displayWidth)) };
  });
  const widthOf = () => table.reduce((sum, { width }) => sum + width + gap.length, -gap.length);
  while (table.length > 1 && widthOf() > columns) {
    const worst = table.reduce((a, b) => (b.rank >= a.rank ? b : a));
    table = table.filter((column) => column !== worst);
  }
  const row = (cellOf: (column: (typeof table)[number]) => string) =>
    table
      .map((column, index) => pad(cellOf(column), column.width, index === 0 ? 'left' : 'right'))
      .join(gap)
      .trimEnd();
  return [
    style(
      'bold',
      row(({ head }) => head),
    ),
    style('dim', (unicode ? '─' : '-').repeat(widthOf())),
    ...results.map((_, index) => row(({ cells }) => cells[index]!)),
  ];
}
