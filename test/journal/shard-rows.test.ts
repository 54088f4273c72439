import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { noTimings, type Outcome } from '../../src/core/outcome.ts';
import type { PictureFacts } from '../../src/core/stage.ts';
import { readFacts } from '../../src/journal/facts.ts';
import { isDataSetKey } from '../../src/journal/shard-rows.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { scratch } from '../support/scratch.ts';

const [own, original] = ['ab'.repeat(32), 'cd'.repeat(32)];

const picture: PictureFacts = {
  original: { bytes: 9, sha256: original, mime: 'image/png', width: 4, height: 4 },
  phash: '0123456789abcdef',
};

const outcome = (key: string, more: Partial<Outcome>): Outcome => ({
  ...{ status: 'saved', key, url: `http://host/${key}`, index: 1, path: `${key}.jpg`, bytes: 10 },
  ...{ sha256: own, mime: 'image/jpeg', width: 4, height: 3, attempts: 1, ms: noTimings() },
  ...{ startedMs: 0, endedMs: 0, slot: 0 },
  ...more,
});

/** A journal in which each key has a target and an outcome; nothing of it need be on the disk yet. */
function journalOf(dir: string, items: [key: string, target: string, more: Partial<Outcome>][]) {
  const { journal } = openJournal(dir);
  journal.claim(
    items.map(([key, target]) => ({
      ...{ key, target, collisionKey: target },
      alternative: (): [string, string] => assert.fail('no two have the same'),
    })),
  );
  for (const [key, target, more] of items) journal.record(outcome(key, { path: target, ...more }));
  return journal;
}

function rowsIn(dir: string) {
  const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'), { readOnly: true });
  const rows = database.prepare('SELECT * FROM items').all();
  database.close();
  return new Map(rows.map((row) => [String(row.key), row]));
}

function change(dir: string, sql: string): void {
  const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'));
  database.exec(sql);
  database.close();
}

const error = { code: 'not-found', message: '404', retryable: false } as const;
const files = [{ path: '00001.tar', bytes: 5, sha256: original }];

describe('a finished shard', () => {
  it('has in its files what was saved in its folder, as late as just now, and nothing else', () => {
    using work = scratch();
    const folder = '.gallop/shards/0000';
    const journal = journalOf(work.path, [
      ['0 a', `${folder}0/000009`, {}],
      ['1 b', `${folder}1/000010`, {}],
      ['2 c', `${folder}1/000011`, { status: 'failed', path: null, sha256: null, error }],
      ['3 d', `${folder}10/00000`, {}],
      ['4 e', `${folder}2/000020`, {}],
    ]);
    journal.packed(`${folder}1/`, files, []);
    journal.close();
    const rows = rowsIn(work.path);
    const states = [...rows.values()].map(({ key, status, path, sha256 }) => [key, status, path, sha256]);
    assert.deepEqual(states, [
      ['0 a', 'saved', `${folder}0/000009`, own],
      ['1 b', 'packed', null, null],
      ['2 c', 'failed', null, null],
      ['3 d', 'saved', `${folder}10/00000`, own],
      ['4 e', 'saved', `${folder}2/000020`, own],
      ['shard:00001.tar', 'shard', '00001.tar', original],
    ]);
    assert.equal(rows.get('1 b')!.bytes, 10);
    assert.deepEqual([rows.get('shard:00001.tar')!.bytes, rows.get('shard:00001.tar')!.url], [5, '']);
  });

  it('that leaves its pictures where they are has them as they are', () => {
    using work = scratch();
    const journal = journalOf(work.path, [['0 a', '00000/000000', {}]]);
    journal.packed(null, [], []);
    journal.close();
    const { status, path, sha256 } = rowsIn(work.path).get('0 a')!;
    assert.deepEqual([status, path, sha256], ['saved', '00000/000000', own]);
  });

  it('says of which row a picture is a duplicate, beside what was found of it', () => {
    using work = scratch();
    const journal = journalOf(work.path, [
      ['0 a', '00000/000000', {}],
      ['1 b', '00000/000001', { picture }],
      ['2 c', '00000/000002', {}],
    ]);
    const duplicates = ['1 b', '2 c'].map((itemKey) => ({ itemKey, duplicateOf: '000000000' }));
    journal.packed(null, [], duplicates);
    journal.close();
    const rows = rowsIn(work.path);
    const skip = { code: 'duplicate', message: 'the same as 000000000', duplicateOf: '000000000' };
    const found = [...rows.values()].map(({ status, path, sha256, facts }) => {
      return { status, path, sha256, ...readFacts(facts) };
    });
    assert.deepEqual(found, [
      { status: 'saved', path: '00000/000000', sha256: own },
      { status: 'skipped', path: null, sha256: null, skip, picture },
      { status: 'skipped', path: null, sha256: null, skip },
    ]);
  });

  it('that is written anew is changed no more', () => {
    using work = scratch();
    journalOf(work.path, [
      ['shard', 'a.jpg', {}],
      ['shardy', 'b.jpg', {}],
    ]).close();
    const first = openJournal(work.path).journal;
    first.packed(null, [...files, { path: '00002.tar', bytes: 7, sha256: own }], []);
    first.close();
    change(work.path, "UPDATE items SET status = 'changed', claimed_ms = 1 WHERE key <> 'shard:00002.tar'");
    const before = Date.now();
    const { journal } = openJournal(work.path);
    assert.deepEqual(journal.changedShardFiles(), ['00001.tar']);
    journal.packed(null, [{ path: '00001.tar', bytes: 6, sha256: own }], []);
    assert.deepEqual(journal.changedShardFiles(), []);
    journal.close();
    const { status, bytes, sha256, claimed_ms } = rowsIn(work.path).get('shard:00001.tar')!;
    assert.deepEqual([status, bytes, sha256], ['shard', 6, own]);
    assert.ok(Number(claimed_ms) >= before);
  });
});

it('pictures are compared by what was received, also where their files are others; what is not stored is not', () => {
  using work = scratch();
  journalOf(work.path, [
    ['a', 'a.jpg', { picture }],
    ['b', 'b.jpg', {}],
    ['c', 'c.jpg', { picture: { original: picture.original } }],
    ['d', 'd.jpg', { status: 'skipped', path: null, sha256: null }],
    ['e', 'e.jpg', { status: 'failed', path: null, sha256: null, error }],
  ]).close();
  const { journal } = openJournal(work.path);
  assert.deepEqual(
    [...journal.likenesses()],
    [
      { key: 'a', path: 'a.jpg', sha256: original, phash: '0123456789abcdef' },
      { key: 'b', path: 'b.jpg', sha256: own, phash: null },
      { key: 'c', path: 'c.jpg', sha256: original, phash: null },
    ],
  );
  journal.close();
});

it('what is of a data set is known by its key', () => {
  for (const key of ['shard:00001.tar', '0 http://host/a.jpg', '1234567 x'])
    assert.ok(isDataSetKey(key), key);
  for (const key of ['http://host/a.jpg', 'shard', '12', '12x y', ' 1 y', 'x 1 y']) {
    assert.ok(!isDataSetKey(key), key);
  }
});
