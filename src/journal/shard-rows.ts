import type { DatabaseSync } from 'node:sqlite';
import { readFacts } from './facts.ts';

/** A file of a finished shard. */
export interface ShardFileRow {
  /** Relative to the destination. */
  path: string;
  bytes: number;
  sha256: string;
}

/** An item whose picture is another's. */
export interface DuplicateRow {
  itemKey: string;
  /** For people, and the key of a row. */
  duplicateOf: string;
}

/** By it a picture is compared with others. */
export interface LikenessRow {
  key: string;
  /** Of its file, relative to the destination. */
  path: string | null;
  /** Of the original. */
  sha256: string | null;
  phash: string | null;
}

/**
 * Notes that a shard is finished: what was downloaded into the folder `staged` (null where it stays there) is in its
 * files now, which are what a verification asks for. In one transaction of the caller's.
 */
export function notePacked(
  database: DatabaseSync,
  staged: string | null,
  files: readonly ShardFileRow[],
  duplicates: readonly DuplicateRow[],
): void {
  if (staged !== null) {
    // By the index of the names; the sign after the slash ends the range.
    const end = `${staged.slice(0, -1)}0`;
    database
      .prepare(
        `UPDATE items SET status = 'packed', path = NULL, sha256 = NULL
         WHERE collision >= ? AND collision < ? AND status = 'saved'`,
      )
      .run(staged, end);
  }
  const leaveOut = database.prepare(
    `UPDATE items SET status = 'skipped', path = NULL, sha256 = NULL,
     facts = json_set(coalesce(facts, '{}'), '$.skip', json(?)) WHERE key = ?`,
  );
  for (const { itemKey, duplicateOf } of duplicates) {
    const skip = { code: 'duplicate', message: `the same as ${duplicateOf}`, duplicateOf };
    leaveOut.run(JSON.stringify(skip), itemKey);
  }
  const put = database.prepare(
    `INSERT INTO items (key, collision, target, claimed_ms, url, status, path, bytes, sha256)
     VALUES (?, ?, ?, ?, '', 'shard', ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET status = 'shard', bytes = excluded.bytes, sha256 = excluded.sha256, claimed_ms = excluded.claimed_ms`,
  );
  for (const { path, bytes, sha256 } of files) {
    put.run(shardKey(path), `\0${path}`, path, Date.now(), path, bytes, sha256);
  }
}

const shardPrefix = 'shard:';
const shardKey = (path: string) => shardPrefix + path;

/**
 * Whether a row is of a data set: of a shard's file, which no address has, or of an item that has its place in one, which
 * its key begins with. Only a run over the whole input can make either again.
 */
export const isDataSetKey = (key: string): boolean => key.startsWith(shardPrefix) || /^\d+ /.test(key);

export function changedShardFiles(database: DatabaseSync): string[] {
  // By the index of the keys; the sign after the colon ends the range.
  const rows = database
    .prepare("SELECT path FROM items WHERE key >= ? AND key < 'shard;' AND status = 'changed'")
    .all(shardPrefix);
  return rows.map(({ path }) => String(path));
}

/** Of every stored picture. */
export function* likenessRows(database: DatabaseSync): Generator<LikenessRow> {
  const rows = database.prepare("SELECT key, path, sha256, facts FROM items WHERE status = 'saved'");
  for (const { key, path, sha256, facts } of rows.iterate()) {
    const { picture } = readFacts(facts);
    const stored = typeof sha256 === 'string' ? sha256 : null;
    yield {
      key: String(key),
      path: typeof path === 'string' ? path : null,
      sha256: picture?.original.sha256 ?? stored,
      phash: picture?.phash ?? null,
    };
  }
}
