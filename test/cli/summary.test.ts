import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { summaryLines } from '../../src/cli/summary.ts';
import type { Summary } from '../../src/index.ts';
import { pictureHost, scratchDirectory, start } from './gallop.ts';

const summary: Summary = {
  ...{ strategy: 'auto', saved: 300, kept: 0, skipped: 0, skippedBy: {}, failed: 0, bytes: 18e6 },
  ...{ seconds: 3, peakInFlight: 33, reason: 'the host takes no more', dataSet: null, exitCode: 0 },
};

test('one line says what a run came to, and where auto chose a second one says what, and why', () => {
  assert.deepEqual(summaryLines(summary), [
    '300 saved: 18.0 MB in 3.00 s (6.00 MB/s), auto',
    'up to 33 in flight: the host takes no more',
  ]);
  assert.equal(summaryLines({ ...summary, strategy: 'async', reason: null }).length, 1);
});

test('what was left out is counted apart, by its reasons, the most frequent first', () => {
  const skippedBy = { robots: 5, 'too-small': 7 };
  assert.deepEqual(summaryLines({ ...summary, reason: null, skipped: 15, skippedBy, failed: 1 }), [
    '300 saved, 15 left out, 1 failed: 18.0 MB in 3.00 s (6.00 MB/s), auto',
    'left out: 7 too small, 5 by X-Robots-Tag, 3 listed before',
  ]);
});

test('of a data set is said what was packed', () => {
  const dataSet = { shards: 3, rows: 25_000, pictures: 24_000, duplicates: 12 };
  const said = (counts: typeof dataSet) => summaryLines({ ...summary, dataSet: counts })[1];
  assert.equal(
    said(dataSet),
    'data set: 3 shards of 25000 rows, 24000 with a picture; 12 the same as another',
  );
  const one = { ...dataSet, shards: 1, duplicates: 0 };
  assert.equal(said(one), 'data set: 1 shard of 25000 rows, 24000 with a picture');
  assert.equal(said({ shards: 0, rows: 0, pictures: 0, duplicates: 0 }), 'data set: nothing new');
});

test('of pictures that were made is said of what, how fast that came, and which could not be read', () => {
  const made = { receivedBytes: 90e6, unread: 0 };
  assert.deepEqual(summaryLines({ ...summary, reason: null }, made), [
    '300 saved: 18.0 MB, made of 90.0 MB, in 3.00 s (30.0 MB/s), auto',
  ]);
  assert.deepEqual(summaryLines({ ...summary, reason: null }, { receivedBytes: 18e6, unread: 2 }), [
    '300 saved: 18.0 MB in 3.00 s (6.00 MB/s), auto',
    'stored as they came: 2 that cannot be decoded here',
  ]);
});

test('where there was nothing to choose no reason is invented', () => {
  assert.equal(summaryLines({ ...summary, saved: 1, peakInFlight: 1 }).length, 1);
  assert.equal(summaryLines({ ...summary, saved: 0, kept: 300, peakInFlight: 0 }).length, 1);
});

test('an album that is in flight at once is said to be', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const urls = ['a', 'b'].map((name) => `${host.url}/held/${name}.jpg`);
  using started = start(urls, { cwd: work.path, env: { XDG_STATE_HOME: join(work.path, 'state') } });
  while (host.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  host.release();
  assert.match((await started.result).stderr, /^2 saved: .*, auto\nup to 2 in flight: everything at once\n$/);
});

test('the option that kept auto from more is named', async () => {
  for (const [words, reason] of [
    [['--per-host', '2'], 'one host may have no more (--per-host)'],
    [['--concurrency', '2'], 'no more were allowed (--concurrency)'],
  ] as const) {
    using work = scratchDirectory();
    await using host = await pictureHost();
    const urls = ['held/a.jpg', 'held/b.jpg', 'c.jpg'].map((path) => `${host.url}/${path}`);
    using started = start([...urls, ...words, '--json'], {
      cwd: work.path,
      env: { XDG_STATE_HOME: join(work.path, 'state') },
    });
    let told = '';
    started.child.stdout!.on('data', (chunk) => {
      told += String(chunk);
      if (/"event":"window".*"state":"ceiling"/.test(told)) host.release();
    });
    const { stderr } = await started.result;
    assert.ok(stderr.endsWith(`\nup to 2 in flight: ${reason}\n`), stderr);
  }
});
