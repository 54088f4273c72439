import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { asyncBufferFromFile, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { InterruptedError } from '../../src/core/errors.ts';
import { plainJson } from '../../src/sources/tables/json-values.ts';
import { compressorsFor } from '../../src/sources/tables/parquet-codecs.ts';
import { ParquetFile } from '../../src/sources/tables/parquet-file.ts';
import type { RowBatch } from '../../src/sources/tables/parquet-groups.ts';
import { batchesOfThread } from '../../src/sources/tables/parquet-thread.ts';
import { timeParsers } from '../../src/sources/tables/parquet-times.ts';
import { parquetFiles, variousFiles } from './parquet-files.ts';
import { all, itemsOfInput, testContext } from './support.ts';

const files = await parquetFiles();
const various = await variousFiles(files);
after(() => files.close());

const never = new AbortController().signal;
const columnsOf = async (path: string) => {
  const file = await ParquetFile.open(path);
  const { schema } = await file.metadata();
  await file.close();
  return schema.flatMap(({ name }, at) => (at > 0 && isTop(schema, at) ? [name] : []));
};
/** Whether the field of that place in a schema, which lists children behind their parent, is a column of rows. */
function isTop(schema: { num_children?: number }[], place: number): boolean {
  let at = 1;
  const skip = (): void => {
    const { num_children: children = 0 } = schema[at++]!;
    for (let n = 0; n < children; n += 1) skip();
  };
  while (at < place) skip();
  return at === place;
}

/** Column by column. */
function joined(batches: RowBatch[]): RowBatch {
  return batches[0]!.map((_, column) => batches.flatMap((batch) => batch[column]!));
}

describe('the thread that decodes a Parquet file', () => {
  for (const [what, path] of Object.entries(various)) {
    it(`reads as hyparquet reads it: ${what}`, async () => {
      const columns = await columnsOf(path);
      const batches = await all(batchesOfThread({ path, name: path, columns }, never));
      const expected = await parquetReadObjects({
        file: await asyncBufferFromFile(path),
        compressors: await compressorsFor(new Set(['SNAPPY'])),
        parsers: timeParsers,
        utf8: false,
      });
      const found = joined(batches);
      for (const [at, name] of columns.entries()) {
        assert.deepEqual(
          found[at],
          expected.map((row) => plainJson(row[name])),
          name,
        );
      }
    });
  }

  it('hands over few rows at a time where they are long', async () => {
    const path = await files.ofQuery(`select repeat('x', 100000) || range as url from range(200)`);
    const batches = await all(batchesOfThread({ path, name: path, columns: ['url'] }, never));
    assert.ok(batches.every(([urls]) => urls!.length <= 42));
    assert.equal(joined(batches)[0]!.length, 200);
  });

  it('does not unpack what a few bytes promise without bounds', async () => {
    const list = await files.ofQuery(`select range(1100000) as url`, 'compression zstd, parquet_version v2');
    await assert.rejects(all(batchesOfThread({ path: list, name: list, columns: ['url'] }, never)), {
      message: /'url\.list\.element' cannot be right: a row of it is too long/,
    });
    const text = await files.ofQuery(
      `select repeat('x', 200000) as url from range(1000)`,
      'compression zstd, dictionary_size_limit 1000000',
    );
    await assert.rejects(all(batchesOfThread({ path: text, name: text, columns: ['url'] }, never)), {
      message: /'url' cannot be right: \d+ rows of it are too long/,
    });
  });

  it('tells in one line what is wrong with a value', async () => {
    const path = await files.ofQuery(`select '{"a"\n:"b"}'::json as "u\nrl"`, 'compression uncompressed');
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('{"a"')] = 0x0a;
    writeFileSync(path, bytes);
    await assert.rejects(all(batchesOfThread({ path, name: path, columns: ['u\nrl'] }, never)), {
      message: /^a page of 'u rl' cannot be right: \P{Control}+$/u,
    });
  });

  it('keeps what stands before a page that is damaged, and says in which row and column that is', async () => {
    const bytes = readFileSync(various['hyparquet-writer, lists over several pages']!);
    const { row_groups: groups } = parquetMetadata(new Uint8Array(bytes).buffer);
    const list = groups[0]!.columns[1]!.meta_data!;
    const end = Number(list.data_page_offset) + Number(list.total_compressed_size);
    bytes.fill(0xff, end - 1000, end);
    const path = join(files.folder, 'damaged.parquet');
    writeFileSync(path, bytes);
    const rows: number[] = [];
    const context = testContext({}, { environment: {} });
    await assert.rejects(
      async () => {
        for await (const { index } of itemsOfInput(path, context)) rows.push(index!);
      },
      ({ name, exitCode, message }) => {
        assert.deepEqual([name, exitCode], ['ListingError', 4]);
        assert.match(
          message,
          /damaged\.parquet cannot be read past row \d+: a page of 'list\.list\.element'/,
        );
        assert.doesNotMatch(message, /\n/);
        return true;
      },
    );
  });
});

describe('a Parquet file that takes for ever', async () => {
  // One row that is nowhere near its end within any of the limits below.
  const columns = Array.from({ length: 4 }, (_, n) => `list${n}`);
  const lists = columns.map((name) => `range(800000) as ${name}`).join();
  const path = await files.ofQuery(`select ${lists}`, 'compression zstd, parquet_version v2');
  const job = { path, name: path, columns };

  it('is given up after a time without a row', async () => {
    const limits = { silenceMs: 60, heapMb: 4096 };
    await assert.rejects(all(batchesOfThread(job, never, limits)), { message: /nothing came of 0\.06 s/ });
  });

  it('takes no more memory than it may', async () => {
    const limits = { silenceMs: 60_000, heapMb: 32 };
    await assert.rejects(all(batchesOfThread(job, never, limits)), {
      message: /it takes more than 33.6 MB of memory/,
    });
  });

  it('is let go of when the run is interrupted', async () => {
    const interrupt = new AbortController();
    const reading = all(batchesOfThread(job, interrupt.signal, { silenceMs: 60_000, heapMb: 4096 }));
    setTimeout(() => interrupt.abort(), 50);
    await assert.rejects(reading, InterruptedError);
  });
});
