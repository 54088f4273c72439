import { bar } from './bar.ts';
import { displayWidth, pad } from './display-width.ts';
import type { Terminal } from './terminal.ts';

export interface ChartRow {
  label: string;
  value: number;
  /** The value as it is to be read, with its unit. */
  text: string;
  /** Drawn in another colour. */
  marked?: boolean;
}

/** Horizontal bars on one scale from zero, in at most `columns`. */
export function barChart(
  rows: ChartRow[],
  columns: number,
  { unicode, style }: Pick<Terminal, 'unicode' | 'style'>,
): string[] {
  const labels = Math.max(...rows.map(({ label }) => displayWidth(label)));
  const texts = Math.max(...rows.map(({ text }) => displayWidth(text)));
  const room = Math.max(1, columns - labels - texts - 4);
  const most = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
  return rows.map(({ label, value, text, marked }) => {
    const drawn = style(marked === true ? 'green' : 'cyan', bar(value / most, room, unicode));
    return `${pad(label, labels)}  ${drawn} ${text}`;
  });
}
