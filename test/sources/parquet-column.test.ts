import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type ColumnMetaData, parquetSchema } from 'hyparquet';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { ColumnReader } from '../../src/sources/tables/parquet-column.ts';
import { ParquetFile } from '../../src/sources/tables/parquet-file.ts';
import { ColumnPages } from '../../src/sources/tables/parquet-pages.ts';
import { scratch } from '../support/scratch.ts';

/** A page of a list of numbers. A repetition of 1 goes on with the list before. */
function page(repetitions: number[], numbers: number[]): Buffer {
  const bits = repetitions.reduce((all, level, at) => all | (level << at), 0);
  const count = repetitions.length;
  const levels = (...runs: number[]) => [runs.length, 0, 0, 0, ...runs];
  const values = Buffer.from(new Int32Array(numbers).buffer);
  const body = Buffer.concat([Buffer.from([...levels(3, bits), ...levels(2 * count, 1)]), values]);
  // In Thrift's compact protocol: kind, both sizes, and of the data how many values and which encodings.
  const size = 2 * body.length;
  const header = [0x15, 0, 0x15, size, 0x15, size, 0x2c, 0x15, 2 * count, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0];
  return Buffer.concat([Buffer.from(header), body]);
}

/** Reads a column of these pages, as many rows at a time as `takes` says. */
async function rowsOf(pages: Buffer[], takes: number[]): Promise<unknown[]> {
  using work = scratch();
  const path = join(work.path, 'column');
  const bytes = Buffer.concat(pages);
  writeFileSync(path, bytes);
  const schema = parquetSchema({
    schema: [
      { name: 'root', num_children: 1 },
      { name: 'n', type: 'INT32', repetition_type: 'REPEATED' },
    ],
  } as unknown as Parameters<typeof parquetSchema>[0]);
  const part: ColumnMetaData = {
    type: 'INT32',
    encodings: ['PLAIN'],
    path_in_schema: ['n'],
    codec: 'UNCOMPRESSED',
    num_values: 100n,
    total_uncompressed_size: BigInt(bytes.length),
    total_compressed_size: BigInt(bytes.length),
    data_page_offset: 0n,
  };
  const schemaPath = getTreePath(schema, ['n']);
  const { element } = schemaPath[1]!;
  const decoder = { ...part, pathInSchema: ['n'], schemaPath, element, parsers: DEFAULT_PARSERS };
  const file = await ParquetFile.open(path);
  try {
    const memory = { take() {}, free() {} };
    const reader = new ColumnReader(new ColumnPages(file, part), decoder, memory);
    const found: unknown[] = [];
    for (const rows of takes) found.push(...Array.from<unknown>(await reader.take(rows)));
    return found;
  } finally {
    await file.close();
  }
}

describe('a column of lists', () => {
  it('goes on with a row in the next page, however many rows are taken at a time', async () => {
    const pages = [page([0, 1, 0], [1, 2, 3]), page([1, 1], [4, 5]), page([1, 0], [6, 7])];
    for (const takes of [[3], [1, 1, 1], [2, 1], [1, 2]]) {
      assert.deepEqual(await rowsOf(pages, takes), [[1, 2], [3, 4, 5, 6], [7]]);
    }
  });

  it('is refused where its first row goes on with none, or its rows end too early', async () => {
    await assert.rejects(rowsOf([page([1, 0], [1, 2])], [1]), /a row goes on that was never begun/);
    await assert.rejects(rowsOf([page([0, 0], [1, 2])], [3]), /its pages end too early/);
    await assert.rejects(rowsOf([page([0, 0], [1])], [2]), RangeError);
  });
});
