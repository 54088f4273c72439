import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type DownloadOptions, download } from '../../src/index.ts';
import { columnsOf, query } from '../support/duckdb.ts';
import { type Behaviour, pictureServer } from '../support/picture-server.ts';
import { filesIn } from '../support/scratch.ts';

const picture = await sharp({ create: { width: 9, height: 8, channels: 3, background: '#123' } })
  .jpeg()
  .toBuffer();

/** The same picture under every path. */
export const served = (behaviour: Behaviour = () => false) =>
  pictureServer((path, response, turn) => {
    if (behaviour(path, response, turn)) return true;
    response.writeHead(200, { 'content-length': picture.length }).end(picture);
    return true;
  });

const shardSize = 3;
export const common = { output: 'webdataset', shardSize, strategy: 'async', retries: 0 } as const;

export const summaryOf = (input: string | string[], dir: string, options: DownloadOptions = {}) =>
  download([], { ...common, input, dir, ...options }).summary;

/** The columns of the input, which must be the same in every shard; and what DuckDB has for them all together. */
export async function inputColumns(dir: string): Promise<string[]> {
  const tables = filesIn(dir).filter((name) => name.endsWith('.parquet'));
  assert.ok(tables.length >= 2, 'there is nothing to compare');
  const each = await Promise.all(tables.map((name) => columnsOf(join(dir, name))));
  for (const columns of each) assert.deepEqual(columns, each[0]);
  const all = await columnsOf(join(dir, '*.parquet'));
  assert.deepEqual(all, each[0]);
  return all.slice(0, all.indexOf('url VARCHAR'));
}

export const valuesOf = async (dir: string, columns: string) =>
  (await query(`SELECT ${columns} FROM read_parquet('${join(dir, '*.parquet')}') ORDER BY key`)).map((row) =>
    Object.values(row),
  );

export const packedIn = (dir: string) =>
  Object.fromEntries(
    filesIn(dir)
      .filter((name) => /\.(tar|parquet)$/.test(name))
      .map((name) => [name, readFileSync(join(dir, name)).toString('base64')]),
  );

/** Rows of JSON lines, of which every shard would say something else. */
export const rows = [
  { score: 1, id: 1, empty: null, kind: 1, tag: 'a' },
  { score: 2, id: 2, empty: null, kind: 2, yes: true },
  { score: 10, id: 3, empty: null, kind: 3 },
  { score: 11.5, id: '9007199254740993', empty: null, kind: 'x', list: [1] },
  { score: null, id: '-9223372036854775808', empty: null, kind: true, first: 'f' },
  { score: 3, id: '9223372036854775807', empty: null, kind: null, big: '12345678901234567890' },
  { score: null, id: null, empty: null, kind: 4, text: '9007199254740993' },
  { score: null, id: null, empty: null, kind: 5, yes: false, big: 5 },
  { score: 1e300, id: 4, empty: null, late: 7, kind: { a: 1 } },
];

/** `url` and the columns; what is said to be a number in a text is written as one. */
export const jsonLines = (url: string, numbers = ['id', 'big']) =>
  rows
    .map((row, at) => {
      const line = JSON.stringify({ url: `${url}/p${at}.jpg`, ...row });
      return line.replace(/"(\w+)":"(-?\d+)"/g, (all, name, digits) =>
        numbers.includes(name) ? `"${name}":${digits}` : all,
      );
    })
    .join('\n');
