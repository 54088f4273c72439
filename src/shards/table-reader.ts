import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';
import { DiskError, isScarce } from '../core/errors.ts';
import type { RowValues } from './row.ts';

/** A row as it was written: its values, and where the table has them, the picture's bytes. */
export interface PackedRow {
  values: RowValues;
  image: Uint8Array | null;
}

/**
 * The rows of a shard's table, in their order, one row group in memory at a time. `columns`: those that are read, all where it is left out;
 * `image`: the one of the pictures' bytes. Throws a `DiskError` where the file is no table of ours.
 */
export async function* packedRows(
  file: string,
  options: { columns?: readonly string[]; image?: string | null } = {},
): AsyncGenerator<PackedRow> {
  const { image = null } = options;
  // Loaded where there is something to read: a run's own thread reads only where a shard is there already.
  const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const buffer = await asyncBuffer(handle);
    const metadata = await parquetMetadataAsync(buffer);
    const there = metadata.schema.slice(1).map(({ name }) => name);
    const columns = there.filter((name) => options.columns?.includes(name) ?? true);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        columns,
        rowStart,
        rowEnd,
        utf8: false,
      });
      for (const row of rows) yield asPacked(row, image);
      rowStart = rowEnd;
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}

/** A file as hyparquet reads it. */
export async function asyncBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const byteLength = (await handle.stat()).size;
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
  };
}

function asPacked(row: Record<string, unknown>, image: string | null): PackedRow {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (name === image) continue;
    values[name] = typeof value === 'bigint' ? wholeNumber(value) : (value ?? null);
  }
  const bytes = image === null ? null : row[image];
  return { values: values as RowValues, image: bytes instanceof Uint8Array ? bytes : null };
}

/** As it was when it was written: a text of its digits where a number does not hold it. */
function wholeNumber(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function unreadable(file: string, cause: unknown): unknown {
  if (cause instanceof DiskError || isScarce(cause)) return cause;
  return new DiskError(`cannot read the rows of ${file}: ${(cause as Error).message}`, {
    code: 'disk',
    hint: 'move it and the _stats.json beside it away, and run the same command again: its pictures are fetched anew',
    cause,
  });
}
