import type { Item } from '../core/item.ts';
import { itemNote, shortNote } from '../core/item-note.ts';
import type { Outcome } from '../core/outcome.ts';

/** How `--failed` writes one failed item: a line or several, with their ends. */
export type FailedEntry = (outcome: Outcome, item: Item | undefined) => string;

/** A comment with the reason, a note of the item, the URL. */
export const listEntry: FailedEntry = (outcome, item) => {
  // A line that is no URL would be a bad line again: it is kept, as a comment.
  const line = URL.parse(outcome.url)?.href ?? `# ${outcome.url}`;
  const note = item === undefined || item.failure !== undefined ? '' : `${itemNote(item)}\n`;
  return `# ${reasonOf(outcome)}\n${note}${line.replace(/[\r\n]/g, '')}\n`;
};

/**
 * A row as the run's own options read it: the address under `urlColumn`, and the columns that were kept, the caption
 * among them. What is no column begins with `#`: the reason, and a note of the item. A row without a column is passed over.
 */
export function rowEntry(urlColumn: string): FailedEntry {
  return (outcome, item) => {
    const isRow = item?.row !== undefined || URL.canParse(outcome.url);
    const columns = isRow ? { [urlColumn]: outcome.url, ...item?.row?.columns } : {};
    const note = item === undefined || item.failure !== undefined ? {} : { '#item': shortNote(item) };
    return `${JSON.stringify({ ...columns, '#failed': reasonOf(outcome), ...note })}\n`;
  };
}

const reasonOf = ({ error }: Outcome) =>
  `${error?.code}: ${error?.message}`.replace(/[\s\p{Control}]+/gu, ' ');
