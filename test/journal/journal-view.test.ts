import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DiskError, UsageError } from '../../src/core/errors.ts';
import { copyConsistently } from '../../src/journal/consistent-copy.ts';
import { lookInto } from '../../src/journal/journal-view.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { scratch } from '../support/scratch.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const databaseIn = (dir: string) => join(dir, '.gallop', 'journal.db');

/** A process that writes the journal of `dir`, and has begun. */
async function writer(dir: string, pauseMs: number) {
  const words = ['--disable-warning=ExperimentalWarning', here('./write-journal.ts'), dir, String(pauseMs)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const keysOf = (dir: string) =>
  lookInto(dir, async ({ rows, isHeld }) => ({ isHeld, keys: [...rows()].map(({ key }) => key) }));

/** Both of each pair are there, as both were written in one transaction. */
function checkPairs(keys: string[]): void {
  const numbers = (letter: string) =>
    keys.filter((key) => key.startsWith(letter)).map((key) => key.split('-')[1]!);
  assert.deepEqual(numbers('a').sort(), numbers('z').sort());
}

it('a journal that a run writes is seen as it was at one moment, and the run goes on', async () => {
  using work = scratch();
  await using _ = await writer(work.path, 1);
  const first = await keysOf(work.path);
  const second = await keysOf(work.path);
  for (const { isHeld, keys } of [first, second]) {
    assert.equal(isHeld, true);
    checkPairs(keys);
  }
  assert.ok(first.keys.length >= 1000 && second.keys.length > first.keys.length);
});

it('copies of a database that is written as fast as can be are whole, or are said to be none', async () => {
  using work = scratch();
  using place = scratch();
  await using _ = await writer(work.path, 0);
  const copy = join(place.path, 'copy.db');
  let whole = 0;
  for (let n = 0; n < 60; n += 1) {
    if (!copyConsistently(databaseIn(work.path), copy)) continue;
    whole += 1;
    const database = new DatabaseSync(copy);
    assert.equal(database.prepare('PRAGMA integrity_check').get()!.integrity_check, 'ok');
    checkPairs(
      database
        .prepare('SELECT key FROM items')
        .all()
        .map(({ key }) => String(key)),
    );
    database.close();
  }
  assert.ok(whole > 0, 'no copy was whole');
});

it('looking into the journal of a run in this process leaves it its lock', async () => {
  using work = scratch();
  const { journal } = openJournal(work.path);
  assert.deepEqual(await keysOf(work.path), { isHeld: true, keys: [] });
  const other = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', here('./hold-journal.ts'), work.path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [said] = await once(other.stdout, 'data');
  journal.close();
  assert.equal(String(said).trim(), 'directory-in-use');
});

it('what a killed run left is seen, nobody holds it, and nothing is written beside it', async () => {
  using work = scratch();
  {
    await using _ = await writer(work.path, 1);
  }
  const before = readdirSync(join(work.path, '.gallop'));
  assert.ok(before.includes('journal.db-wal'));
  const { isHeld, keys } = await keysOf(work.path);
  assert.equal(isHeld, false);
  checkPairs(keys);
  assert.ok(keys.length >= 1000);
  assert.deepEqual(readdirSync(join(work.path, '.gallop')), before);
});

it('where a run begins while it is looked, what it wrote is looked at', async () => {
  using work = scratch();
  openJournal(work.path).journal.close();
  let looks = 0;
  let begun: ReturnType<typeof openJournal> | undefined;
  const keys = await lookInto(work.path, async ({ rows }) => {
    looks += 1;
    if (begun === undefined) {
      begun = openJournal(work.path);
      begun.journal.claim([
        { key: 'new', target: 'new', collisionKey: 'new', alternative: () => ['other', 'other'] },
      ]);
    }
    return [...rows()].map(({ key }) => key);
  });
  begun!.journal.close();
  assert.deepEqual([looks, keys], [2, ['new']]);
});

it('a journal of version 1 can be looked into', async () => {
  using work = scratch();
  mkdirSync(join(work.path, '.gallop'));
  copyFileSync(here('./fixtures/version-1.db'), databaseIn(work.path));
  const rows = await lookInto(work.path, async (view) => [...view.rows()]);
  assert.deepEqual(
    rows.map(({ status, path, bytes, errorCode, endedMs }) => [status, path, bytes, errorCode, endedMs]),
    [
      ['saved', 'a.jpg', 3000, null, null],
      ['failed', null, 0, 'not-found', null],
      ['claimed', null, 0, null, null],
      ['saved', 'holiday/b.png', 77, null, null],
    ],
  );
});

it('no journal is a usage error, a damaged one the disk\u2019s', async () => {
  using work = scratch();
  await assert.rejects(keysOf(work.path), UsageError);
  openJournal(work.path).journal.close();
  writeFileSync(databaseIn(work.path), readFileSync(databaseIn(work.path)).fill(7, 100, 4000));
  await assert.rejects(keysOf(work.path), DiskError);
  assert.equal(existsSync(`${databaseIn(work.path)}-wal`), false);
});

it('a journal of which only the file is there yet has no rows', async () => {
  using work = scratch();
  mkdirSync(join(work.path, '.gallop'));
  writeFileSync(databaseIn(work.path), '');
  const found = await lookInto(work.path, async ({ rows, sameFiles }) => [...rows(), ...sameFiles()]);
  assert.deepEqual(found, []);
});
