import type { Terminal } from './terminal.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `share` (0 to 1) of `columns`, to an eighth of a column; whole `#` where there are no blocks. Never empty. */
export function bar(share: number, columns: number, unicode: boolean): string {
  const length = Math.min(1, Math.max(0, share)) * columns;
  if (!unicode) return '#'.repeat(Math.max(1, Math.round(length)));
  const units = Math.max(1, Math.round(length * 8));
  return '█'.repeat(Math.floor(units / 8)) + eighths[units % 8];
}

/** A bar of exactly `columns` of which `share` is done. */
export function progressBar(
  share: number,
  columns: number,
  { unicode, style }: Pick<Terminal, 'unicode' | 'style'>,
): string {
  const done = Math.floor(Math.min(1, Math.max(0, share)) * columns);
  const [full, open] = unicode ? ['━', '─'] : ['=', '-'];
  return style('green', full.repeat(done)) + style('dim', open.repeat(columns - done));
}
