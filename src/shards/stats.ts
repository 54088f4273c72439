import fs from 'node:fs';
import path from 'node:path';
import { isScarce, UsageError } from '../core/errors.ts';
import type { FileFacts } from './part-file.ts';
import { type RowStatus, type RowValues, reasonOf } from './row.ts';
import type { Settings } from './settings.ts';

const mostStatsBytes = 16 * 1024 * 1024;
const indent = 4;

export type ShardFile = FileFacts & {
  /** Relative to the destination. */
  path: string;
};

/** What only Gallop reads of a shard's statistics. */
export interface ShardFacts {
  version: 1;
  settings: Settings;
  /** What the shard's rows were made of: a digest over their addresses and columns, in their order. */
  input: string;
  /** The files of the shard that are not its statistics. */
  files: ShardFile[];
}

/** `_stats.json`, as img2dataset writes it, and what Gallop knows besides. Times in seconds; the first and the last since 1970. */
export interface ShardStats {
  count: number;
  successes: number;
  failed_to_download: number;
  failed_to_resize: number;
  duration: number;
  start_time: number;
  end_time: number;
  /** How many rows ended for which reason. */
  status_dict: Record<string, number>;
  gallop: ShardFacts;
}

/** Counts rows. */
export class RowCounts {
  readonly #byStatus: Record<RowStatus, number> = { success: 0, failed_to_download: 0, failed_to_resize: 0 };
  readonly #byReason = new Map<string, number>();

  add({ status, error_message }: RowValues): void {
    this.#byStatus[status] += 1;
    const reason = reasonOf(error_message);
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
  }

  stats(startMs: number, endMs: number, gallop: ShardFacts): ShardStats {
    const { success: successes, failed_to_download, failed_to_resize } = this.#byStatus;
    return {
      count: successes + failed_to_download + failed_to_resize,
      successes,
      failed_to_download,
      failed_to_resize,
      duration: (endMs - startMs) / 1000,
      start_time: startMs / 1000,
      end_time: endMs / 1000,
      status_dict: Object.fromEntries([...this.#byReason].sort(([a], [b]) => (a < b ? -1 : 1))),
      gallop,
    };
  }
}

export const statsText = (stats: ShardStats): string => `${JSON.stringify(stats, null, indent)}\n`;

/**
 * The statistics of a shard in `dir`, and so whether it is finished: null where there are none, and where a file that they
 * speak of is not there with its size. Throws a `UsageError` for statistics that another program wrote.
 */
export function readStats(dir: string, file: string): ShardStats | null {
  const absolute = path.join(dir, file);
  const found = fs.lstatSync(absolute, { throwIfNoEntry: false });
  if (found === undefined) return null;
  let stats: ShardStats;
  try {
    if (!found.isFile() || found.size > mostStatsBytes) throw new Error('not a file of statistics');
    stats = JSON.parse(fs.readFileSync(absolute, 'utf8')) as ShardStats;
    if (!isOurs(stats)) throw new Error('not of this program');
  } catch (error) {
    if (isScarce(error)) throw error;
    throw new UsageError(`${absolute} is of another program, or damaged`, {
      code: 'other-shards',
      hint: 'choose another directory with -d, or move the shards in it away',
      cause: error,
    });
  }
  return stats.gallop.files.every((one) => isThere(dir, one)) ? stats : null;
}

function isOurs(stats: unknown): boolean {
  const { gallop, count } = (stats ?? {}) as Partial<ShardStats>;
  return (
    gallop?.version === 1 &&
    Number.isSafeInteger(count) &&
    typeof gallop.input === 'string' &&
    typeof gallop.settings === 'object' &&
    Array.isArray(gallop.files) &&
    gallop.files.every(
      ({ path: name, bytes }) => /^\d+\.(tar|parquet)$/.test(name) && Number.isSafeInteger(bytes),
    )
  );
}

function isThere(dir: string, { path: name, bytes }: ShardFile): boolean {
  const found = fs.lstatSync(path.join(dir, name), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === bytes;
}
