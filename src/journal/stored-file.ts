import type { StoredFile } from './journal.ts';

/** The file that a row of `items` says is there and good; null for any other row. */
export function storedFile(row: Record<string, unknown>): StoredFile | null {
  return row.status === 'saved' ? fileOf(row) : null;
}

/** The file that a row of `items` speaks of, whatever became of it; null where it never had one. */
export function fileOf(row: Record<string, unknown>): StoredFile | null {
  if (row.path === null) return null;
  return {
    path: String(row.path),
    bytes: Number(row.bytes),
    sha256: String(row.sha256),
    mime: row.mime === null ? null : String(row.mime),
    width: row.width === null ? null : Number(row.width),
    height: row.height === null ? null : Number(row.height),
  };
}
