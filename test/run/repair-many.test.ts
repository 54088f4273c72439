import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { repair } from '../../src/index.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { heapInUse } from '../support/heap.ts';
import { scratch } from '../support/scratch.ts';

/** A journal of so many files that are not there, from addresses that a repair may not reach. */
function journalOfMissing(dir: string, files: number): void {
  mkdirSync(dir, { recursive: true });
  openJournal(dir).journal.close();
  const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'));
  const insert = database.prepare(
    `INSERT INTO items (key, collision, target, claimed_ms, url, status, path, bytes, sha256)
     VALUES (?1, ?2, ?2, 0, ?1, 'saved', ?2, 9, ?3)`,
  );
  database.exec('BEGIN');
  for (let n = 0; n < files; n += 1) {
    insert.run(`http://127.0.0.1:9/${'long'.repeat(125)}/${n}`, `p${n}.jpg`, 'ab'.repeat(32));
  }
  database.exec('COMMIT');
  database.close();
}

test('a repair of many files holds none of them but those in flight', async () => {
  using work = scratch();
  journalOfMissing(work.path, 40_000);
  const before = await heapInUse();
  const controller = new AbortController();
  const options = { strategy: 'async', retries: 0, signal: controller.signal } as const;
  let [most, seen] = [0, 0];
  for await (const event of repair(work.path, options)) {
    if (event.event !== 'outcome') continue;
    assert.equal(event.error?.code, 'forbidden-address');
    seen += 1;
    if (seen % 1000 === 0) most = Math.max(most, (await heapInUse()) - before);
    // By now a list of them would be there in whole.
    if (seen === 3000) controller.abort();
  }
  assert.ok(seen >= 3000);
  // Keys and addresses alone are 40 MB; the queues of events may be full of them.
  assert.ok(most < 40_000_000, `${most} bytes`);
});
