import { DuckDBInstance } from '@duckdb/node-api';
import type { Json } from '../../src/core/json.ts';

/** What DuckDB answers, in a database of its own. Numbers of 64 bits are texts. */
export async function query(sql: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, Json>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** `name TYPE` of each column. */
export const columnsOf = (files: string): Promise<string[]> =>
  query(`DESCRIBE SELECT * FROM read_parquet('${files}')`).then((rows) =>
    rows.map(({ column_name, column_type }) => `${column_name} ${column_type}`),
  );
