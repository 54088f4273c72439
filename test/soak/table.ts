/** A row of figures: its name, and for each column a number or a text. */
export type Row = Record<string, string | number>;

/** A Markdown table; the columns are those of the first row. */
export function markdownTable(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? value.toLocaleString('en') : (value ?? '').replaceAll('|', '\\|');
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((it) => cell(row[it])))),
  ].join('\n');
}
