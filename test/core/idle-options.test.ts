import assert from 'node:assert/strict';
import { it } from 'node:test';
import { idleOptions } from '../../src/core/options/idle-options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';

type Options = Partial<RunSpec>;

/** As from a command line that says `flags`, where something else says `others`. */
const said = (flags: Options, others: Options = {}) =>
  idleOptions(Object.keys(flags) as (keyof RunSpec)[], { ...others, ...flags });

const needs: readonly [flags: Options, note: string, ...enough: Options[]][] = [
  [{ inputFormat: 'csv' }, '--input-format has no effect without --input', { input: ['a'] }],
  [
    { urlColumn: 'u' },
    '--url-column has no effect where no input is a table',
    { input: ['a.txt', 'b.csv.gz'] },
    { input: ['folder'] },
    { input: ['-'], inputFormat: 'tsv' },
  ],
  [{ captionColumn: 'c' }, '--caption-column has no effect where no input is a table', { input: ['a.tsv'] }],
  [{ columns: ['c'] }, '--columns has no effect where no input is a table', { input: ['a.parquet'] }],
  [
    { digestColumn: { digest: 'md5', column: 'c' } },
    '--digest-column has no effect where no input is a table',
    { input: ['a.jsonl'] },
  ],
  [
    { concurrency: 5, strategy: 'sync' },
    '--concurrency has no effect without --strategy async or auto',
    { strategy: 'async' },
    { strategy: 'auto' },
  ],
  [
    { workers: 2 },
    '--workers has no effect without --strategy threads or processes',
    { strategy: 'threads' },
  ],
  [
    { perWorker: 2 },
    '--per-worker has no effect without --strategy threads or processes',
    { strategy: 'processes' },
  ],
  [{ resizeMode: 'border' }, '--resize-mode has no effect without --resize', { resize: 9 }],
  [{ onlyIfBigger: true }, '--only-if-bigger has no effect without --resize', { resize: 9 }],
  [
    { quality: 80 },
    '--quality has no effect without --resize, --format, --strip-metadata or --frames first',
    { resize: 9 },
    { format: 'webp' },
    { stripMetadata: true },
    { frames: 'first' },
  ],
  [{ name: '{id}.{ext}', output: 'files' }, '--name has no effect with --output', { output: null }],
  [
    { info: true, output: 'parquet' },
    '--info has no effect with --output webdataset or parquet',
    { output: null },
    { output: 'files' },
  ],
  [{ shardSize: 10_000 }, '--shard-size has no effect without --output', { output: 'files' }],
  [{ ignoreRobots: true }, '--ignore-robots has no effect without --output', { output: 'parquet' }],
];

for (const [flags, note, ...enough] of needs) {
  it(note, () => {
    assert.deepEqual(said(flags), [note]);
    for (const others of enough) assert.deepEqual(said({ ...flags, ...others }), [], JSON.stringify(others));
    assert.deepEqual(idleOptions([], flags), [], 'nobody typed it');
  });
}

it('lists alone are no tables', () => {
  for (const input of [['a.txt'], ['-'], ['a.LST.gz', 'b.list']]) {
    assert.equal(said({ urlColumn: 'u' }, { input }).length, 1, String(input));
  }
  assert.equal(said({ urlColumn: 'u' }, { input: ['a.csv'], inputFormat: 'list' }).length, 1);
  assert.equal(said({ urlColumn: 'u', inputFormat: 'csv' }).length, 2);
});

it('what stands elsewhere counts, and a switch that is off wants nothing', () => {
  assert.deepEqual(said({ quality: 80 }, { resize: 512 }), []);
  assert.deepEqual(said({ name: 'x' }, { output: 'webdataset' }), ['--name has no effect with --output']);
  assert.deepEqual(
    said({ info: false, onlyIfBigger: false, ignoreRobots: false }, { output: 'parquet' }),
    [],
  );
});

it('each is said once, in the order of the help', () => {
  const flags: Options = { shardSize: 5, quality: 3, workers: 2 };
  assert.deepEqual(
    said(flags).map((note) => note.split(' ')[0]),
    ['--workers', '--quality', '--shard-size'],
  );
});
