import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type DownloadOptions, download } from '../../src/index.ts';
import { filesIn, scratch } from '../support/scratch.ts';

describe('a data set of the demo', () => {
  const source = 'demo:?images=4&bytes=3KB&rtt=1ms&think=1ms';
  const summaryOf = (dir: string, options: DownloadOptions) =>
    download(source, { dir, output: 'webdataset', shardSize: 2, ...options }).summary;
  const packedIn = (dir: string) =>
    filesIn(dir)
      .filter((name) => /^\d+\.(tar|parquet)$/.test(name))
      .map((name) => hash('sha256', readFileSync(join(dir, name))));

  it('has the same bytes from every origin, though each has a port of its own', async () => {
    using first = scratch();
    using second = scratch();
    await summaryOf(first.path, { strategy: 'async' });
    await summaryOf(second.path, { strategy: 'sync' });
    assert.equal(packedIn(first.path).length, 4);
    assert.deepEqual(packedIn(second.path), packedIn(first.path));
  });

  it('is gone on with by a second run', async () => {
    using work = scratch();
    const first = await summaryOf(work.path, { range: [{ from: 1, to: 2 }] });
    const second = await summaryOf(work.path, {});
    assert.equal(second.kept, first.saved);
    assert.equal(second.dataSet?.shards, 1);
  });
});
