import { type Drawing, label, rect } from '../drawing/svg.ts';

export interface ChartRow {
  name: string;
  value: number;
  /** What stands behind the bar. */
  text: string;
  /** A class of `drawing-style.ts`; `body` unless given. */
  colour?: string;
}

const pitch = 25;
const thick = 15;

/** A bar a row, all on one scale that begins at nothing. */
export function rowChart(rows: readonly ChartRow[], width: number): Drawing {
  const isRoomy = width >= 560;
  const [left, right] = isRoomy ? [170, 190] : [108, 92];
  const most = Math.max(...rows.map(({ value }) => value), 1);
  const content = rows.map(({ name, value, text, colour = 'body' }, n) => {
    const middle = n * pitch + pitch / 2;
    const length = value === 0 ? 0 : Math.max(1, (value / most) * (width - left - right));
    return (
      label(left - 10, middle + 4.5, 'end', name) +
      rect(left, middle - thick / 2, length, thick, colour) +
      label(left + length + 8, middle + 4.5, 'muted', text)
    );
  });
  return { content: content.join('\n'), height: rows.length * pitch };
}
