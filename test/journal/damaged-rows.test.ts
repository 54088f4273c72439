import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { blankOutcome } from '../../src/core/blank-outcome.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Claim } from '../../src/journal/journal.ts';
import { inUse } from '../../src/journal/journal-database.ts';
import { journalFile } from '../../src/journal/journal-file.ts';
import { storedRows } from '../../src/journal/journal-reader.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { scratch } from '../support/scratch.ts';

const item = { key: 'k', url: 'http://h/k.jpg', index: 1, reach: [] };
const saved: Outcome = {
  ...blankOutcome(item),
  ...{ status: 'saved', path: 'k.jpg', bytes: 10, sha256: 'ab'.repeat(32), mime: 'image/jpeg' },
};
const request = {
  ...{ key: 'k', target: 'k.{ext}', collisionKey: 'k.{ext}' },
  alternative: (): [string, string] => ['k~.{ext}', 'k~.{ext}'],
};

function claim(dir: string): { claim: Claim; notes: string[] } {
  const { journal, notes } = openJournal(dir);
  const [found] = journal.claim([request]);
  journal.close();
  return { claim: found!, notes };
}

/** A journal of one stored file, and what became of it on the disk. */
function damaged(dir: string, change: string): void {
  const { journal } = openJournal(dir);
  journal.claim([request]);
  journal.record(saved);
  journal.close();
  const database = new DatabaseSync(journalFile(dir));
  database.exec(change);
  database.close();
}

describe('a row that no run wrote', () => {
  for (const change of [
    "path = '../../etc/passwd'",
    "path = '/etc/passwd'",
    "path = 'a/../../x'",
    "path = 'C:x'",
    "path = 'a\\x'",
    "path = 'a' || char(0)",
    "sha256 = 'short'",
    'bytes = -1',
    'bytes = 9223372036854775807',
  ]) {
    it(`${change}: its file does not count as stored, and verify says that the journal is damaged`, () => {
      using work = scratch();
      damaged(work.path, `UPDATE items SET ${change}`);
      assert.throws(() => [...storedRows(work.path)], /is damaged/);
      const { stored, target, ownedPath } = claim(work.path).claim;
      assert.deepEqual([stored, target], [null, 'k.{ext}']);
      if (change.startsWith('path')) assert.equal(ownedPath, null);
    });
  }

  for (const target of ['../k.{ext}', '/k.{ext}', '', 'a//k.{ext}', 'a\u0085.{ext}']) {
    it(`a target of ${JSON.stringify(target)} gives way to the one that is wanted, for good`, () => {
      using work = scratch();
      damaged(work.path, `UPDATE items SET target = '${target}'`);
      for (const run of [1, 2]) {
        assert.equal(claim(work.path).claim.target, 'k.{ext}', `run ${run}`);
      }
    });
  }

  it('a time that is too large for a number ends nothing', () => {
    using work = scratch();
    damaged(work.path, 'UPDATE items SET claimed_ms = 9223372036854775807');
    assert.equal(claim(work.path).claim.stored?.path, 'k.jpg');
  });
});

it('a row of other types than its table is damage: the journal is set aside', () => {
  using work = scratch();
  const isStrict = (before: string, after: string) =>
    `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '${before}', '${after}');
     PRAGMA writable_schema = RESET;`;
  damaged(work.path, '');
  const database = new DatabaseSync(journalFile(work.path));
  database.enableDefensive(false);
  database.exec(isStrict('STRICT, WITHOUT', 'WITHOUT'));
  database.exec("UPDATE items SET target = x'6b'");
  database.exec(isStrict('WITHOUT', 'STRICT, WITHOUT'));
  database.close();
  const { notes } = claim(work.path);
  assert.match(notes[0]!, /damaged.*set aside/);
});

describe('a database that is another one', () => {
  for (const change of [
    'DROP TABLE items; CREATE TABLE items (key TEXT PRIMARY KEY)',
    'DROP TABLE items; CREATE VIEW items AS SELECT 1',
  ]) {
    it(`${change}: set aside, and nobody holds it`, () => {
      using work = scratch();
      damaged(work.path, change);
      const { notes } = claim(work.path);
      assert.match(notes[0]!, /damaged.*set aside/);
      assert.deepEqual(claim(work.path).notes, []);
    });
  }
});

it('who holds a directory is told only where a run wrote it', () => {
  using work = scratch();
  damaged(work.path, '');
  const file = journalFile(work.path);
  const told = (text: string) => {
    writeFileSync(join(work.path, '.gallop', 'holder.json'), text);
    return inUse(file).message.replace(work.path, 'DIR');
  };
  const since = '2025-01-01T00:00:00.000Z';
  assert.equal(
    told(JSON.stringify({ pid: 7, since })),
    `DIR is in use by another run (process 7, since ${since})`,
  );
  for (const text of [
    '',
    'null',
    '{"pid":7}',
    `{"pid":7,"since":"${'x'.repeat(9999)}"}`,
    '{"pid":"x","since":0}',
  ]) {
    assert.equal(told(text), 'DIR is in use by another run', text.slice(0, 30));
  }
});
