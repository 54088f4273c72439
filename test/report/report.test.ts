import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import sharp from 'sharp';
import { DiskError, InterruptedError, UsageError } from '../../src/core/errors.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { makeReport } from '../../src/report/report.ts';
import { checkMarkup } from '../support/markup.ts';
import { scratch } from '../support/scratch.ts';
import { readOnlyDirectory } from '../support/tiny-disk.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A directory whose journal says that these files are stored in it, all as JPEGs. */
function withJournal(dir: string, files: readonly string[]): void {
  openJournal(dir).journal.close();
  const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'));
  const insert = database.prepare(
    `INSERT INTO items (key, collision, target, claimed_ms, url, status, path, bytes, sha256, mime, width, height, ended_ms)
     VALUES (?, ?, ?, 1, 'http://host/x', 'saved', ?, 10, ?, 'image/jpeg', 8, 6, 1000)`,
  );
  database.exec('BEGIN');
  for (const [n, file] of files.entries())
    insert.run(`${n}`.padStart(7, '0'), file, file, file, sha256(file));
  database.exec('COMMIT');
  database.close();
}

const jpeg = (background: string) =>
  sharp({ create: { width: 300, height: 200, channels: 3, background } })
    .jpeg()
    .toBuffer();

const picturesIn = (page: string) =>
  [...page.matchAll(/src="data:image\/webp;base64,([^"]*)"/g)].map(([, data]) =>
    Buffer.from(data!, 'base64'),
  );

it('the page has small pictures of what is stored; what is broken, gone or no file has an empty frame', async () => {
  using work = scratch();
  const dir = join(work.path, 'pictures');
  withJournal(dir, ['good.jpg', 'broken.jpg', 'gone.jpg', 'away.jpg', 'pipe.jpg', 'script.jpg']);
  writeFileSync(join(dir, 'good.jpg'), await jpeg('#c63'));
  writeFileSync(join(dir, 'broken.jpg'), (await jpeg('#c63')).subarray(0, 300));
  writeFileSync(join(work.path, 'other.jpg'), await jpeg('#36c'));
  symlinkSync('../other.jpg', join(dir, 'away.jpg'));
  execFileSync('mkfifo', [join(dir, 'pipe.jpg')]);
  writeFileSync(join(dir, 'script.jpg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');

  const { file, saved } = await makeReport(dir, {});
  assert.deepEqual([file, saved], [join(dir, 'report.html'), 6]);
  const page = readFileSync(file!, 'utf8');
  checkMarkup(page);
  const found = picturesIn(page);
  assert.equal(found.length, 1);
  const { data, info } = await sharp(found[0]).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.format, info.width, info.height], ['raw', 176, 117]);
  assert.ok(Math.abs(data[0]! - 0xcc) < 6 && Math.abs(data[2]! - 0x33) < 6);
  assert.equal([...page.matchAll(/class="none /g)].length, 5);
  assert.match(page, /6 pictures; 5 could not be shown/);
});

it('a hundred thousand items: a page of moderate size, 120 of them evenly chosen, in bounded memory', async () => {
  using work = scratch();
  withJournal(
    work.path,
    Array.from({ length: 100_000 }, (_, n) => `${n}.jpg`),
  );
  const shown = ['0.jpg', '50000.jpg'];
  for (const name of shown) writeFileSync(join(work.path, name), await jpeg('#c63'));
  const { file, saved, duplicates } = await makeReport(work.path, {});
  assert.deepEqual([saved, duplicates.sets], [100_000, 0]);
  const page = readFileSync(file!, 'utf8');
  assert.ok(page.length < 200_000, `${page.length} characters`);
  const numbers = [...page.matchAll(/ title="(\d+)\.jpg/g)].map(([, n]) => Number(n));
  assert.equal(numbers.length, 120);
  assert.match(page, /120 pictures, evenly chosen; \d+ could not be shown/);
  assert.deepEqual([numbers[0], numbers.at(-1)! > 98_000], [0, true]);
});

it('files of the same bytes are found', async () => {
  using work = scratch();
  withJournal(work.path, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
  const database = new DatabaseSync(join(work.path, '.gallop', 'journal.db'));
  database.prepare("UPDATE items SET sha256 = ? WHERE path < 'd.jpg'").run(sha256('one'));
  database.close();
  const { duplicates } = await makeReport(work.path, { file: null });
  const largest = [{ files: 3, bytes: 10, paths: ['a.jpg', 'c.jpg'] }];
  assert.deepEqual(duplicates, { sets: 1, files: 3, spareBytes: 20, largest, leftOut: [] });
});

it('a report is written over an older one, never over another file', async () => {
  using work = scratch();
  withJournal(work.path, []);
  const file = join(work.path, 'report.html');
  await makeReport(work.path, {});
  const first = readFileSync(file, 'utf8');
  withJournal(work.path, ['a.jpg']);
  await makeReport(work.path, {});
  assert.notEqual(readFileSync(file, 'utf8'), first);
  writeFileSync(file, 'somebody else\u2019s');
  await assert.rejects(makeReport(work.path, {}), /is there already, and is no report/);
  assert.equal(readFileSync(file, 'utf8'), 'somebody else\u2019s');
  assert.deepEqual(readdirSync(work.path).sort(), ['.gallop', 'report.html']);
});

it('no journal, a directory where the page should be, or no place for it: usage errors, before any work', async () => {
  using work = scratch();
  await assert.rejects(makeReport(join(work.path, 'none'), {}), UsageError);
  await assert.rejects(makeReport(work.path, {}), /there is no journal/);
  assert.equal(existsSync(join(work.path, 'report.html')), false);
  withJournal(work.path, []);
  mkdirSync(join(work.path, 'folder'));
  for (const file of ['folder', 'none/report.html']) {
    await assert.rejects(makeReport(work.path, { file: join(work.path, file) }), UsageError);
  }
});

it('a disk that cannot be written is the disk\u2019s error, and another place can be named', async () => {
  using work = scratch();
  withJournal(work.path, []);
  // Whoever may not write may read.
  chmodSync(work.path, 0o755);
  using closed = readOnlyDirectory();
  await assert.rejects(
    makeReport(work.path, { file: join(closed.path, 'report.html') }),
    (error: DiskError) => {
      assert.ok(error instanceof DiskError, String(error));
      assert.match(error.hint!, /-o/);
      return true;
    },
  );
});

it('an aborted report ends, and leaves no page', async () => {
  using work = scratch();
  withJournal(
    work.path,
    Array.from({ length: 20_000 }, (_, n) => `${n}.jpg`),
  );
  await assert.rejects(makeReport(work.path, { signal: AbortSignal.abort() }), InterruptedError);
  assert.equal(existsSync(join(work.path, 'report.html')), false);
});

it('from outside the directory its pictures are not linked: the way there is nobody else\u2019s business', async () => {
  using work = scratch();
  const dir = join(work.path, 'some pictures');
  withJournal(dir, ['a.jpg']);
  writeFileSync(join(dir, 'a.jpg'), await jpeg('#c63'));
  mkdirSync(join(work.path, 'elsewhere'));
  const pageIn = async (...parts: string[]) => {
    const { file } = await makeReport(dir, { file: join(work.path, ...parts) });
    const page = readFileSync(file!, 'utf8');
    rmSync(file!);
    return page;
  };
  assert.match(await pageIn('some pictures', 'r.html'), /href="\.\/a\.jpg"/);
  assert.match(await pageIn('r.html'), /href="\.\/some%20pictures\/a\.jpg"/);
  assert.doesNotMatch(await pageIn('elsewhere', 'r.html'), /href=|elsewhere/);
});
