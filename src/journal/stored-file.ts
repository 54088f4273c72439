import type { StoredFile } from './journal.ts';

/** The file that a row of `items` says is there and good; null for any other row. */
export function storedFile(row: Record<string, unknown>): StoredFile | null {
  return row.status === 'saved' ? fileOf(row) : null;
}

/**
 * The file that a row of `items` speaks of, whatever became of it; null where it never had one, and for what
 * no run wrote: a journal has no checksums, and may have come with the directory from elsewhere.
 */
export function fileOf(row: Record<string, unknown>): StoredFile | null {
  const { sha256, mime } = row;
  const [path, bytes] = [pathOf(row), number(row.bytes)];
  if (path === null) return null;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256) || bytes === null) return null;
  const [width, height] = [number(row.width), number(row.height)];
  return { path, bytes, sha256, mime: typeof mime === 'string' ? mime : null, width, height };
}

/** Where a file of that row's item was stored once. */
export function pathOf({ path }: Record<string, unknown>): string | null {
  return typeof path === 'string' && isPathInside(path) ? path : null;
}

/** Inside at first sight, as nearly all are: words that do not begin with a dot. */
const plainPath = /^[\w{~-][\w{}~.-]*(?:\/[\w{~-][\w{}~.-]*)*$/;

/** Whether a path, or a target, stays below the directory that it is relative to. */
export function isPathInside(path: string): boolean {
  if (plainPath.test(path)) return true;
  return (
    !/[\p{Control}\\]|^[A-Za-z]:/u.test(path) && path.split('/').every((part) => !/^\.{0,2}$/.test(part))
  );
}

/** Also of the big integers that a statement may be told to read. */
function number(value: unknown): number | null {
  const found = typeof value === 'bigint' ? Number(value) : value;
  return Number.isSafeInteger(found) && (found as number) >= 0 ? (found as number) : null;
}
