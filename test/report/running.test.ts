import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { report, verify, type WrittenReport } from '../../src/index.ts';
import { gallop, pictureHost, scratchDirectory, start } from '../cli/gallop.ts';

it('a directory that a run is working in has a report, the run goes on, and then has another', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const dir = join(work.path, 'downloads');
  const addresses = [`${host.url}/a.jpg`, `${host.url}/no.gif`, `${host.url}/held/b.jpg`];
  using run = start([...addresses, '-s', 'async', '--name', '{name}.{ext}', '-d', dir, '--retries', '0']);
  let during: WrittenReport;
  // What has ended is in the journal soon.
  do {
    while (!existsSync(join(dir, '.gallop', 'journal.db'))) await new Promise(setImmediate);
    during = await report(dir, { file: null });
  } while (during.saved === 0 || during.failed === 0 || during.open === 0);
  assert.deepEqual([during.items, during.saved, during.failed, during.open], [3, 1, 1, 1]);
  assert.equal(during.isRunning, true);
  await report(dir);
  assert.match(readFileSync(join(dir, 'report.html'), 'utf8'), /A run is under way/);

  host.release();
  assert.equal((await run.result).code, 3);
  const after = await report(dir);
  assert.deepEqual([after.saved, after.failed, after.open, after.isRunning], [2, 1, 0, false]);
  const [failure] = after.failures;
  assert.deepEqual(
    [failure!.code, failure!.items, failure!.examples[0]!.url],
    ['not-found', 1, addresses[1]],
  );
  assert.match(failure!.examples[0]!.message!, /404/);
  assert.ok(Date.now() - Date.parse(after.speed!.last) < 60_000);
});

it('a report is none of the files that a verification wonders about; another file of that name is', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const dir = join(work.path, 'downloads');
  await gallop([`${host.url}/a.jpg`, '-s', 'async', '-d', dir]);
  await report(dir);
  assert.equal((await verify(dir).summary).foreign, 0);
  await report(dir, { file: join(dir, 'other.html') });
  assert.equal((await verify(dir).summary).foreign, 1);
});

it('gallop report: the path on stdout, a summary beside it; --json the counts, and no page', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const cwd = work.path;
  await gallop([`${host.url}/a.jpg`, '-s', 'async'], { cwd });

  const json = await gallop(['report', 'downloads', '--json', '--quiet'], { cwd });
  assert.deepEqual([json.code, json.stderr], [0, '']);
  const { event, saved, file } = JSON.parse(json.stdout);
  assert.deepEqual([event, saved, file], ['report', 1, null]);
  assert.equal(existsSync(join(cwd, 'downloads', 'report.html')), false);

  const page = await gallop(['report', 'downloads'], { cwd });
  assert.deepEqual([page.code, page.stdout], [0, `${join('downloads', 'report.html')}\n`]);
  assert.match(page.stderr, /^1 of 1 saved: \d+ B\n$/);
  const other = await gallop(['report', 'downloads', '-o', 'today.html'], { cwd });
  assert.deepEqual([other.code, other.stdout], [0, 'today.html\n']);

  const none = await gallop(['report', 'nowhere'], { cwd });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^gallop: there is no journal in nowhere/);
});
