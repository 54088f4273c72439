import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NameRequest } from '../../src/journal/journal.ts';
import { storedRows } from '../../src/journal/journal-reader.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { scratch } from '../support/scratch.ts';

/** A journal that version 1 wrote: two files stored, one item failed, one claimed and not settled. */
const versionOne = fileURLToPath(new URL('./fixtures/version-1.db', import.meta.url));

function withVersionOne(): Disposable & { path: string; file: string } {
  const work = scratch();
  mkdirSync(join(work.path, '.gallop'));
  const file = join(work.path, '.gallop', 'journal.db');
  copyFileSync(versionOne, file);
  return { path: work.path, file, [Symbol.dispose]: () => work[Symbol.dispose]() };
}

const request = (key: string, recipe: string | null): NameRequest => ({
  key,
  target: `other-${key.length}.{ext}`,
  collisionKey: `other-${key.length}.{ext}`,
  alternative: (round) => [`free~${round}.{ext}`, `free~${round}.{ext}`],
  recipe,
});

const keys = ['http://host/a.jpg', 'imgur:bbbbbbb', 'http://host/c.jpg', 'http://host/d.jpg', 'new'];

it('a journal of version 1 is gone on with: names, files and failures are known; nothing is set aside', () => {
  using work = withVersionOne();
  const { journal, notes } = openJournal(work.path);
  assert.deepEqual(notes, []);
  const found = journal.claim(keys.map((key) => request(key, null)));
  journal.close();
  assert.deepEqual(
    found.map(({ target, isKnown, stored }) => [target, isKnown, stored?.path ?? null]),
    [
      ['a.{ext}', true, 'a.jpg'],
      ['holiday/b.{ext}', true, 'holiday/b.png'],
      ['c.{ext}', true, null],
      ['d.{ext}', true, null],
      ['other-3.{ext}', false, null],
    ],
  );
  const { sha256, bytes } = found[1]!.stored!;
  assert.deepEqual([sha256, bytes], ['cd'.repeat(32), 77]);
});

it('its items get their recipes from the next run that names them', () => {
  using work = withVersionOne();
  const reach = '{"reach":["loopback"]}';
  const { journal } = openJournal(work.path);
  journal.claim([request(keys[0]!, reach)]);
  journal.close();
  const rows = [...storedRows(work.path)].map(({ key, recipe }) => [key, recipe]);
  assert.deepEqual(rows.sort(), [
    [keys[0], reach],
    [keys[1], null],
  ]);
});

it('it is looked into as it is, and stays version 1 until a run has it', () => {
  using work = withVersionOne();
  assert.equal([...storedRows(work.path)].length, 2);
  assert.deepEqual(readFileSync(work.file), readFileSync(versionOne));
  openJournal(work.path).journal.close();
  const database = new DatabaseSync(work.file, { readOnly: true });
  assert.equal(database.prepare('PRAGMA user_version').get()!.user_version, 3);
  database.close();
});

it('a new journal and one that came from version 1 have the same tables', () => {
  using work = withVersionOne();
  using fresh = scratch();
  const columns = [work.path, fresh.path].map((dir) => {
    openJournal(dir).journal.close();
    const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'), { readOnly: true });
    const found = database.prepare('PRAGMA table_info(items)').all();
    database.close();
    return found.map(({ name, type, notnull, dflt_value }) => [name, type, notnull, dflt_value]);
  });
  assert.deepEqual(columns[0], columns[1]);
});

it('a recipe that changed is the new one; a failure forgets nothing of the file before it', () => {
  using work = withVersionOne();
  for (const recipe of ['{"reach":["loopback"]}', '{"reach":["private"]}', null]) {
    const { journal } = openJournal(work.path);
    journal.claim([request(keys[0]!, recipe)]);
    journal.record({
      ...{ status: 'failed', key: keys[0]!, url: 'http://host/a.jpg', index: 1, path: null, bytes: 0 },
      ...{
        sha256: null,
        mime: null,
        width: null,
        height: null,
        attempts: 1,
        startedMs: 0,
        endedMs: 0,
        slot: 0,
      },
      ms: { wait: 0, firstByte: 0, body: 0, stage: 0, write: 0 },
      error: { code: 'dns', message: '', retryable: false },
    });
    journal.close();
    const row = [...storedRows(work.path)].find(({ key }) => key === keys[0])!;
    assert.deepEqual([row.recipe, row.path, row.bytes, row.sha256], [recipe, 'a.jpg', 3000, 'ab'.repeat(32)]);
  }
});
