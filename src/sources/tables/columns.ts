import { UsageError } from '../../core/errors.ts';
import type { RunSpec } from '../../core/run-spec.ts';
import { readUrl } from '../direct.ts';
import type { Table } from './table.ts';

/** Which columns of a table are read, and as what. */
export interface ChosenColumns {
  url: string;
  caption: string | null;
  digest: RunSpec['digestColumn'];
  /** Those that an item's row keeps, caption and digest among them; null for all but `url`. */
  kept: ReadonlySet<string> | null;
  /** Those to read; null for all that a row has. */
  wanted: readonly string[] | null;
}

type Choice = Pick<RunSpec, 'urlColumn' | 'captionColumn' | 'columns' | 'digestColumn'>;

/** Throws a UsageError where a column that is named is not there, or the column of the addresses is not clear. */
export function chooseColumns(table: Table, choice: Choice, name: string): ChosenColumns {
  const all = [...table.columns, ...(table.unusual ?? [])];
  const has = new Set(all);
  const { captionColumn: caption, columns: named, digestColumn: digest } = choice;
  const url = choice.urlColumn ?? usualUrlColumn(table.columns, name);
  const flags: [flag: string, column: string | undefined][] = [
    ['--url-column', url],
    ['--caption-column', caption ?? undefined],
    ['--digest-column', digest?.column],
    ...(named ?? []).map((column): [string, string] => ['--columns', column]),
  ];
  for (const [flag, column] of flags) {
    if (column === undefined || has.has(column)) continue;
    throw new UsageError(`${name} has no column ${shown(column)}`, {
      hint: `${columnsText(all)}; see ${flag}`,
    });
  }
  const beside = [caption, digest?.column].filter((column) => typeof column === 'string');
  if (named === null && table.isOpen) return { url, caption, digest, kept: null, wanted: null };
  const kept = new Set([...(named ?? table.columns), ...beside]);
  kept.delete(url);
  const wanted = new Set([url, ...kept]);
  const inOrder = (columns: Set<string>) => all.filter((column) => columns.has(column));
  return { url, caption, digest, kept, wanted: inOrder(wanted) };
}

function usualUrlColumn(columns: readonly string[], name: string): string {
  const usual = ['url', 'URL'].find((column) => columns.includes(column));
  if (usual !== undefined) return usual;
  if (columns.some((column) => typeof readUrl(column) !== 'string')) {
    throw new UsageError(`${name} has no line of column names: there is an address in its first line`, {
      hint: 'write the names of the columns there, or read it as a plain list with --input-format list',
    });
  }
  if (columns.length === 1) return columns[0]!;
  throw new UsageError(`it is not clear which column of ${name} has the addresses`, {
    hint: `${columnsText(columns)}; name it with --url-column`,
  });
}

const mostShown = 30;
const shown = (column: string) =>
  `'${column.length > 60 ? `${column.slice(0, 60).toWellFormed()}…` : column}'`;

function columnsText(columns: readonly string[]): string {
  if (columns.length === 0) return 'it has none';
  const rest = columns.length > mostShown ? ` and ${columns.length - mostShown} more` : '';
  return `its columns are ${columns.slice(0, mostShown).map(shown).join(', ')}${rest}`;
}
