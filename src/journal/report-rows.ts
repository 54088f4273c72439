import type { DatabaseSync } from 'node:sqlite';
import type { Skip } from '../core/outcome.ts';
import type { PictureFacts } from '../core/stage.ts';
import { readFacts } from './facts.ts';
import { fileOf } from './stored-file.ts';

/** Of a picture that has no file of its own. */
export interface PackedPlace {
  /** What its shard's files are called, before their endings: digits. */
  shard: string;
  /** Of its row there: digits. */
  key: string;
}

/** What the journal says of one item. */
export interface ReportRow {
  key: string;
  /** The key where no run has said how the item ended. */
  url: string;
  /** `changed`: a verification found another file; `claimed`: no run has said how it ended. */
  status: 'saved' | 'changed' | 'failed' | 'skipped' | 'claimed';
  /** Of the file that is there; null, and 0 bytes, where there is none. */
  path: string | null;
  bytes: number;
  /** Where it is in a shard. */
  packed?: PackedPlace;
  mime: string | null;
  width: number | null;
  height: number | null;
  /** Why it failed: a code of `failures`, or of another version; and what was said, where that was noted. */
  errorCode: string | null;
  error: string | null;
  /** Epoch. Null where it has not ended, or before journals noted it. */
  endedMs: number | null;
  skip?: Skip;
  picture?: PictureFacts;
}

/** Files of the same bytes. */
export interface SameFiles {
  files: number;
  /** Of one. */
  bytes: number;
  /** The first and the last by name. */
  paths: [string, string];
}

const columns = [
  ...['key', 'url', 'status', 'path', 'bytes', 'sha256', 'mime', 'width', 'height', 'error'],
  ...['ended_ms', 'facts', 'target'],
];

const noDigest = '0'.repeat(64);

/** Every row of `items`, of any version, in the order of the keys; what no run wrote becomes what makes sense. */
export function* rowsOf(database: DatabaseSync): Generator<ReportRow> {
  // A run that has just begun has no table yet.
  if (!hasItems(database)) return;
  const there = new Set(
    database
      .prepare('PRAGMA table_info(items)')
      .all()
      .map(({ name }) => name),
  );
  const wanted = columns.map((name) => (there.has(name) ? name : `NULL AS ${name}`));
  const rows = database.prepare(`SELECT ${wanted.join()} FROM items WHERE key NOT GLOB 'shard:*'`);
  // What no run wrote may be any number, and one that is too large for JavaScript would throw.
  rows.setReadBigInts(true);
  // Half the time of rows that are objects.
  rows.setReturnArrays(true);
  for (const row of rows.iterate() as Iterable<unknown> as Iterable<unknown[]>) yield readRow(row);
}

function readRow(row: unknown[]): ReportRow {
  const [key, url, said, path, bytes, sha256, mime, width, height, error, endedMs, facts, target] = row;
  const status = statusOf(said);
  const isThere = status === 'saved' || status === 'changed';
  // What is packed has no file of its own, but all else of one.
  const place = said === 'packed' ? { path: 'packed', sha256: noDigest } : { path, sha256 };
  const stored = isThere ? fileOf({ ...place, bytes, mime, width, height }) : null;
  const packed = said === 'packed' ? packedPlace(String(target)) : null;
  const { skip, picture, error: message = null } = readFacts(facts);
  return {
    key: String(key),
    url: typeof url === 'string' ? url : String(key),
    status,
    path: said === 'packed' ? null : (stored?.path ?? null),
    bytes: stored?.bytes ?? 0,
    mime: stored?.mime ?? null,
    width: stored?.width ?? null,
    height: stored?.height ?? null,
    errorCode: status === 'failed' ? (typeof error === 'string' ? error : 'internal') : null,
    error: status === 'failed' ? message : null,
    // No date of JavaScript is beyond it.
    endedMs: typeof endedMs === 'bigint' && endedMs > 0 && endedMs < 8.64e15 ? Number(endedMs) : null,
    ...(packed === null ? {} : { packed }),
    ...(skip === undefined ? {} : { skip }),
    ...(picture === undefined ? {} : { picture }),
  };
}

/** Of the name that it had before it was packed, below the folder of its shard. */
function packedPlace(target: string): PackedPlace | null {
  const [, shard, key] = /\/(\d{5,20})\/(\d{5,40})\.[^/]*$/.exec(target) ?? [];
  return shard === undefined || key === undefined ? null : { shard, key };
}

function statusOf(said: unknown): ReportRow['status'] {
  if (said === 'packed') return 'saved';
  return said === 'saved' || said === 'changed' || said === 'failed' || said === 'skipped' ? said : 'claimed';
}

const hasItems = (database: DatabaseSync): boolean =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'items'").get() !== undefined;

/** Sets of stored files with one digest, in no order. Takes no more memory for more files. */
export function* sameFilesOf(database: DatabaseSync): Generator<SameFiles> {
  if (!hasItems(database)) return;
  const sets = database.prepare(`
    SELECT count(*) AS files, max(bytes) AS bytes, min(path) AS first, max(path) AS last FROM items
    WHERE status = 'saved' AND sha256 IS NOT NULL AND path IS NOT NULL GROUP BY sha256 HAVING count(*) > 1
  `);
  for (const { files, bytes, first, last } of sets.iterate()) {
    yield { files: Number(files), bytes: Number(bytes), paths: [String(first), String(last)] };
  }
}
