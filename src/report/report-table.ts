import { escapeText } from '../drawing/svg.ts';

/** Text. */
export type Cell = string;

/** A table of text; the first cell of a row names it. */
export function reportTable(heads: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const head = heads.map((text) => `<th scope="col">${escapeText(text)}</th>`).join('');
  const body = rows.map(([name = '', ...cells]) => {
    const rest = cells.map((text) => `<td>${escapeText(text)}</td>`).join('');
    return `<tr><th scope="row">${escapeText(name)}</th>${rest}</tr>`;
  });
  return `<div class="scroll" role="region" aria-label="${escapeText(heads[0] ?? '')}" tabindex="0">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</div>`;
}
