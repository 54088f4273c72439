import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetWriteFile } from 'hyparquet-writer';

/** A folder of Parquet files that two writers made, with what each can do. */
export interface ParquetFiles {
  folder: string;
  /** Writes what DuckDB has for a query; returns the path. */
  ofQuery(query: string, options?: string): Promise<string>;
  close(): void;
}

export async function parquetFiles(): Promise<ParquetFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'gallop-parquet-'));
  const connection = await (await DuckDBInstance.create()).connect();
  let count = 0;
  return {
    folder,
    async ofQuery(query, options = 'compression snappy') {
      count += 1;
      const path = join(folder, `duckdb-${count}.parquet`);
      await connection.run(`copy (${query}) to '${path}' (format parquet, ${options})`);
      return path;
    },
    close() {
      connection.closeSync();
      rmSync(folder, { recursive: true });
    },
  };
}

const mixed = (rows: number) => `select 'https://h.example/' || range || '.jpg' as url,
  case when range % 3 > 0 then 'No. ' || range end as caption, (range % 7)::varchar as tag,
  range as wide, (range * 7919 % 1000)::integer as narrow, range % 5 = 0 as yes, range / 3.0::double as real,
  case when range % 10 > 0 then list_transform(range(range % 6), lambda x: 'l' || x) end as list,
  {'a': range, 'b': case when range % 2 = 0 then ['x', null, 'No. ' || range] end} as struct,
  map {'k' || (range % 4): range} as map, [[range, 1], [], null] as nested,
  date '2026-01-01' + range::integer as day, (range / 8)::decimal(9,2) as decimal, md5(range::varchar)::uuid as id
  from range(${rows})`;

/** One of each kind of compression, encoding and nesting, by what they are; the same bytes every time. */
export async function variousFiles(
  { folder, ofQuery }: ParquetFiles,
  rows = 5000,
): Promise<Record<string, string>> {
  const written = (name: string) => join(folder, `${name}.parquet`);
  const numbers = Array.from({ length: rows }, (_, n) => n);
  const texts = numbers.map((n) => `https://h.example/${n}.jpg`);
  const delta = written('delta');
  await parquetWriteFile({
    filename: delta,
    pageSize: 4096,
    columnData: [
      { name: 'url', data: texts, type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' },
      { name: 'caption', data: texts, type: 'STRING', encoding: 'DELTA_LENGTH_BYTE_ARRAY' },
      { name: 'n', data: numbers, type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
      { name: 'split', data: numbers, type: 'DOUBLE', encoding: 'BYTE_STREAM_SPLIT' },
      { name: 'yes', data: numbers.map((n) => n % 9 === 0), type: 'BOOLEAN', encoding: 'RLE' },
    ],
  });
  const nested = written('nested');
  await parquetWriteFile({
    filename: nested,
    pageSize: 500,
    codec: 'UNCOMPRESSED',
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'url', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'list', num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'url', data: texts.slice(0, 500).map((text, n) => (n % 6 === 0 ? undefined : text)) },
      { name: 'list', data: numbers.slice(0, 500).map((n) => (n % 5 === 0 ? [] : numbers.slice(0, n % 40))) },
    ],
  });
  return {
    'DuckDB, snappy, three groups': await ofQuery(mixed(rows), 'compression snappy, row_group_size 2048'),
    'DuckDB, second version, zstd': await ofQuery(mixed(rows), 'compression zstd, parquet_version v2'),
    'DuckDB, second version, not compressed': await ofQuery(
      mixed(300),
      'compression uncompressed, parquet_version v2',
    ),
    'DuckDB, gzip': await ofQuery(mixed(300), 'compression gzip'),
    'hyparquet-writer, delta and split': delta,
    'hyparquet-writer, lists over several pages': nested,
  };
}
