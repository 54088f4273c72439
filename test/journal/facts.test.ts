import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { noTimings, type Outcome } from '../../src/core/outcome.ts';
import type { Original, PictureFacts } from '../../src/core/stage.ts';
import { factsText, readFacts } from '../../src/journal/facts.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { scratch } from '../support/scratch.ts';

/** Whatever is added to the facts has to come back, too. */
const picture: Required<PictureFacts> & { original: Required<Original> } = {
  original: {
    ...{ bytes: 9, sha256: 'ab'.repeat(32), sha1: 'ef', md5: 'cd', mime: 'image/png' },
    ...{ width: 4, height: null },
  },
  unread: true,
  exif: { Make: 'Any' },
  phash: '0123456789abcdef',
  blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
};
const skip = { code: 'duplicate', message: 'the same as a', duplicateOf: 'a' } as const;
const error = { code: 'dns', message: 'no such host', retryable: false } as const;

const outcome = (key: string, more: Partial<Outcome>): Outcome => ({
  ...{ status: 'saved', key, url: `http://host/${key}`, index: 1, path: `${key}.jpg`, bytes: 10 },
  ...{ sha256: 'ab'.repeat(32), mime: 'image/jpeg', width: 4, height: 3, attempts: 1, ms: noTimings() },
  ...{ startedMs: 0, endedMs: 0, slot: 0 },
  ...more,
});

const request = (key: string) => ({
  ...{ key, target: `${key}.{ext}`, collisionKey: `${key}.{ext}` },
  alternative: (round: number): [string, string] => [`${key}~${round}`, `${key}~${round}`],
});

function rowsIn(dir: string) {
  const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'), { readOnly: true });
  const rows = database.prepare('SELECT key, status, error, ended_ms, facts, path FROM items').all();
  database.close();
  return new Map(rows.map((row) => [String(row.key), row]));
}

it('facts come back as they were written, and most outcomes have none', () => {
  assert.equal(factsText({}), null);
  assert.deepEqual(readFacts(factsText({ skip, picture, error })), { skip, picture, error: 'no such host' });
});

it('of facts that no run wrote the parts that make no sense are left out', () => {
  const foreign = '{"skip":{"code":"__proto__","message":"of nobody"}}';
  for (const text of ['', '{', foreign, 'null', '[]', '7', '{"skip":7,"picture":"x","error":[]}', null, 7]) {
    assert.deepEqual(readFacts(text), {}, String(text));
  }
  const half = { original: { ...picture.original, width: 'wide', height: -1 }, phash: 7, exif: 'x' };
  const { width, height } = readFacts(JSON.stringify({ picture: half })).picture!.original;
  assert.deepEqual([width, height], [null, null]);
});

it('the journal notes when each item ended, what was found of it, and why it was left out', () => {
  using work = scratch();
  const before = Date.now();
  const { journal } = openJournal(work.path);
  journal.claim(['a', 'b', 'c'].map(request));
  journal.record(outcome('a', { endedMs: 86_400_000.4, picture }));
  journal.record(outcome('b', { status: 'failed', path: null, error }));
  journal.record(outcome('c', { status: 'skipped', path: null, skip }));
  journal.close();
  const rows = rowsIn(work.path);
  const ended = Number(rows.get('a')!.ended_ms) - 86_400_000;
  assert.ok(ended >= before && ended <= Date.now(), String(ended));
  assert.deepEqual(readFacts(rows.get('a')!.facts), { picture });
  assert.deepEqual(
    [rows.get('b')!.error, readFacts(rows.get('b')!.facts)],
    ['dns', { error: error.message }],
  );
  assert.deepEqual([rows.get('c')!.status, readFacts(rows.get('c')!.facts)], ['skipped', { skip }]);
});

it('what was left out has no file, and is taken anew by the next run that leaves out other things', () => {
  using work = scratch();
  const first = openJournal(work.path).journal;
  first.claim([request('a')]);
  first.record(outcome('a', { status: 'skipped', path: null, skip }));
  first.close();
  // A run that begins in the same millisecond is not told from the first.
  const opened = Date.now();
  while (Date.now() === opened);
  for (const [filters, status] of [
    ['', 'skipped'],
    ['others', 'claimed'],
  ] as const) {
    const next = openJournal(work.path, { stage: null, filters }).journal;
    const [claim] = next.claim([request('a')]);
    next.close();
    assert.deepEqual([claim!.isKnown, claim!.stored, claim!.isSkipped], [true, null, true]);
    assert.equal(rowsIn(work.path).get('a')!.status, status);
  }
});
