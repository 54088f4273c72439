import type { Item } from '../core/item.ts';
import type { Outcome } from '../core/outcome.ts';

/**
 * The text of the file that `--info` puts beside a stored one. `picture` and `row` are there where the run has a stage,
 * and where the item came of a table; the fields of both are those of their types.
 */
export function infoOf(item: Item, outcome: Outcome): string {
  const { path, bytes, sha256, mime, width, height, url, key, picture } = outcome;
  const { album, index, name, title, row, meta } = item;
  const info = {
    key,
    url,
    path,
    bytes,
    sha256,
    mime,
    width,
    height,
    index,
    name,
    title,
    album,
    row,
    picture,
    source: meta,
  };
  return `${JSON.stringify(info, null, 2)}\n`;
}

/** Whether `text` is what `infoOf` wrote for this item's file: of whatever else bears that name nothing is lost. */
export function isInfoOf(item: Item, outcome: Outcome, text: string): boolean {
  try {
    const { key, path } = JSON.parse(text) as { key?: unknown; path?: unknown };
    return key === item.key && path === outcome.path;
  } catch {
    // Not JSON, or JSON that is no object.
    return false;
  }
}
