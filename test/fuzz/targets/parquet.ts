import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetSchema } from 'hyparquet';
import { ParquetFile } from '../../../src/sources/tables/parquet-file.ts';
import { batchesOf } from '../../../src/sources/tables/parquet-groups.ts';
import { parquetFiles, variousFiles } from '../../sources/parquet-files.ts';
import { allowingAsync, target } from '../target.ts';

/** Bytes that are other ones than they were. Places are taken modulo the length: no byte is left out. */
interface Damage {
  file: number;
  bytes: { at: number; to: number }[];
}

const place = fc.nat({ max: 2 ** 30 });
const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }));

async function decodeAll(path: string): Promise<void> {
  const file = await ParquetFile.open(path);
  try {
    const metadata = await file.metadata();
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    let rows = 0;
    for await (const batch of batchesOf(file, metadata, columns, 'a.parquet')) {
      assert.equal(batch.length, columns.length);
      rows += batch[0]?.length ?? 0;
      // Of a number of rows that is damaged there is no end, where a column has no bytes for any of them.
      if (rows > 100_000) return;
      JSON.stringify(batch);
    }
  } finally {
    await file.close();
  }
}

/** Not in the thread that bounds it: what takes too long, or too much, has to be seen. */
const parquet = target<Damage>({
  name: 'Parquet, damaged',
  weight: 3,
  async open() {
    const files = await parquetFiles();
    const seeds = Object.values(await variousFiles(files, 300)).map((path) => readFileSync(path));
    const damaged = join(files.folder, 'damaged.parquet');
    return {
      inputs: fc.record({
        file: fc.nat({ max: seeds.length - 1 }),
        bytes: fc.array(fc.record({ at: place, to: byte }), { minLength: 1, maxLength: 5 }),
      }),
      async check({ file, bytes }) {
        const all = Buffer.from(seeds[file]!);
        for (const { at, to } of bytes) all[at % all.length] = to;
        writeFileSync(damaged, all);
        await allowingAsync([Error], () => decodeAll(damaged));
      },
      close: () => files.close(),
    };
  },
});

export const parquetTargets = [parquet];
