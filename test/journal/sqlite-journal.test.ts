import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DiskError, UsageError } from '../../src/core/errors.ts';
import { noTimings, type Outcome } from '../../src/core/outcome.ts';
import { suffixed } from '../../src/core/target.ts';
import type { Claim, NameRequest } from '../../src/journal/journal.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { collisionKey } from '../../src/plan/output-name.ts';
import { needs } from '../support/needs.ts';
import { scratch } from '../support/scratch.ts';
import { readOnlyDirectory, tinyDisk } from '../support/tiny-disk.ts';

function request(key: string, target = `${key}.{ext}`): NameRequest {
  return {
    key,
    target,
    collisionKey: collisionKey(target),
    alternative: (round) => {
      const other = suffixed(target, round === 1 ? key : `${key} ${round}`);
      return [other, collisionKey(other)];
    },
  };
}

const outcome = (key: string, more: Partial<Outcome> = {}): Outcome => ({
  status: 'saved',
  key,
  url: `http://host/${key}`,
  index: 1,
  path: `${key}.jpg`,
  bytes: 10,
  sha256: 'ab'.repeat(32),
  mime: 'image/jpeg',
  width: 4,
  height: 3,
  attempts: 1,
  ms: noTimings(),
  startedMs: 0,
  endedMs: 0,
  slot: 0,
  ...more,
});

/** Claims in one run of its own. */
function claims(dir: string, requests: NameRequest[], outcomes: Outcome[] = []): Claim[] {
  const { journal } = openJournal(dir);
  const result = journal.claim(requests);
  for (const it of outcomes) journal.record(it);
  journal.close();
  return result;
}

const targets = (found: Claim[]) => found.map(({ target }) => target);
const databaseOf = (dir: string) => join(dir, '.gallop', 'journal.db');
const holderEntry = fileURLToPath(new URL('./hold-journal.ts', import.meta.url));

/** A process that has the journal of `dir`, or says why it has not. */
async function holder(dir: string): Promise<{ child: ChildProcess; says: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holderEntry, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout!, 'data');
  return { child, says: String(line).trim() };
}

describe('names', () => {
  it('stay with their items over runs, whoever else comes and in whatever order', () => {
    using work = scratch();
    const first = claims(work.path, [request('a'), request('b', 'a.{ext}'), request('c')]);
    assert.equal(first[0]!.target, 'a.{ext}');
    assert.match(first[1]!.target, /^a~[0-9a-f]{8}\.\{ext\}$/);
    const second = claims(work.path, [
      request('c'),
      request('d', 'A.{ext}'),
      request('b', 'a.{ext}'),
      request('a'),
    ]);
    assert.deepEqual(
      [second[0], second[2], second[3]].map((it) => it!.target),
      [first[2]!.target, first[1]!.target, first[0]!.target],
    );
    assert.match(second[1]!.target, /^A~/);
    assert.deepEqual(
      second.map(({ isKnown }) => isKnown),
      [true, false, true, true],
    );
  });

  it('that differ in case or in Unicode form alone do not meet', () => {
    using work = scratch();
    const found = targets(
      claims(work.path, [
        request('1', 'Caf\u00e9.{ext}'),
        request('2', 'cafe\u0301.{ext}'),
        request('3', 'CAF\u00c9.{ext}'),
        request('4', 'cafe.{ext}'),
      ]),
    );
    assert.equal(new Set(found.map(collisionKey)).size, 4);
    assert.equal(found[3], 'cafe.{ext}');
  });
});

describe('what is remembered', () => {
  it('a stored file, whole, for the next run; and nothing else counts as stored', () => {
    using work = scratch();
    claims(
      work.path,
      [request('a'), request('b'), request('c'), request('d')],
      [
        outcome('a'),
        outcome('b', {
          status: 'failed',
          path: null,
          sha256: null,
          error: { code: 'dns', message: '', retryable: false },
        }),
        outcome('c', { status: 'kept' }),
      ],
    );
    const [a, b, c, d] = claims(work.path, [request('a'), request('b'), request('c'), request('d')]);
    const { path, bytes, sha256, mime, width, height } = outcome('a');
    assert.deepEqual(a!.stored, { path, bytes, sha256, mime, width, height });
    assert.deepEqual([b!.stored, c!.stored?.path, d!.stored], [null, 'c.jpg', null]);
  });

  it('an item without an end may have a file since its claim; one that failed has none', () => {
    using work = scratch();
    const before = Date.now();
    const ends = [outcome('failed', { status: 'failed', path: null, sha256: null }), outcome('saved')];
    claims(work.path, [request('killed'), request('failed'), request('saved')], ends);
    const again = () =>
      claims(work.path, [request('killed'), request('failed'), request('saved'), request('new')]);
    const second = again();
    const [killed, ...others] = second.map(({ unfinishedSinceMs }) => unfinishedSinceMs);
    assert.ok(killed! >= before && killed! <= Date.now());
    assert.deepEqual(others, [null, null, null]);
    // That run, too, ended without a word: what it tried again may be there now.
    const third = again().map(({ unfinishedSinceMs }) => unfinishedSinceMs);
    assert.equal(third[0], killed);
    assert.ok(third[1]! >= killed!);
    assert.deepEqual([third[2], third[3] !== null], [null, true]);
  });

  it("the path of a stored file is its item's, also when it could not be fetched again", () => {
    using work = scratch();
    claims(work.path, [request('a')], [outcome('a')]);
    claims(
      work.path,
      [request('a')],
      [outcome('a', { status: 'failed', path: null, sha256: null, bytes: 0 })],
    );
    const [a] = claims(work.path, [request('a')]);
    assert.deepEqual([a!.stored, a!.ownedPath], [null, 'a.jpg']);
  });

  it('is on the disk soon, not only at the end', async () => {
    using work = scratch();
    const { journal } = openJournal(work.path);
    journal.claim([request('a')]);
    journal.record(outcome('a'));
    let stored: unknown[] = [];
    // A copy at this moment is what a kill at this moment leaves.
    for (let tries = 0; stored.length === 0 && tries < 200; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      using copy = scratch();
      for (const ending of ['', '-wal']) {
        writeFileSync(join(copy.path, `copy.db${ending}`), readFileSync(databaseOf(work.path) + ending));
      }
      const database = new DatabaseSync(join(copy.path, 'copy.db'));
      stored = database.prepare("SELECT * FROM items WHERE status = 'saved'").all();
      database.close();
    }
    assert.equal(stored.length, 1);
    journal.close();
  });
});

describe('one run at a time', () => {
  it('a second one is told who holds the directory; killed, the holder has let go', async () => {
    using work = scratch();
    const { child, says } = await holder(work.path);
    assert.equal(says, 'open');
    assert.throws(
      () => openJournal(work.path),
      (error) =>
        error instanceof UsageError &&
        error.exitCode === 2 &&
        error.message.includes(`${work.path} is in use by another run (process ${child.pid}, since 2`),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    openJournal(work.path).journal.close();
    assert.deepEqual(readdirSync(join(work.path, '.gallop')), ['journal.db']);
  });

  it('of several that begin in the same moment one gets it', async () => {
    using work = scratch();
    const holders = await Promise.all(Array.from({ length: 4 }, () => holder(work.path)));
    assert.deepEqual(holders.map(({ says }) => says).sort(), [
      'directory-in-use',
      'directory-in-use',
      'directory-in-use',
      'open',
    ]);
    for (const { child } of holders) child.kill('SIGKILL');
  });
});

describe('a journal that cannot be gone on with', () => {
  const damages: Record<string, [damage: (file: string) => void, why: RegExp]> = {
    'rubbish in place of it': [
      (file) => writeFileSync(file, 'not a database, but long enough to be one'.repeat(200)),
      /damaged/,
    ],
    'its first page overwritten': [
      (file) => {
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0xa5, 20, 4096));
      },
      /damaged/,
    ],
    'a later version': [
      (file) => {
        const database = new DatabaseSync(file);
        database.exec('PRAGMA user_version = 99');
        database.close();
      },
      /of a newer version \(99\)/,
    ],
  };
  for (const [name, [damage, why]] of Object.entries(damages)) {
    it(`${name}: is set aside, said, and a new one begun`, () => {
      using work = scratch();
      claims(work.path, [request('a')], [outcome('a')]);
      damage(databaseOf(work.path));
      const damaged = readFileSync(databaseOf(work.path));
      const { journal, notes } = openJournal(work.path);
      assert.equal(notes.length, 1);
      assert.match(notes[0]!, why);
      const aside = /set aside as (\S+),/.exec(notes[0]!)![1]!;
      assert.deepEqual(readFileSync(join(work.path, '.gallop', aside)), damaged);
      assert.equal(journal.claim([request('a')])[0]!.stored, null);
      journal.close();
      assert.deepEqual(openedNotes(work.path), []);
    });
  }

  it('a damaged page anywhere: is set aside, said, and a new one begun', () => {
    using work = scratch();
    const many = Array.from({ length: 2000 }, (_, n) => request(`key-${n}`));
    claims(work.path, many);
    const bytes = readFileSync(databaseOf(work.path));
    writeFileSync(databaseOf(work.path), bytes.fill(0xa5, bytes.length - 4096));
    assert.match(openedNotes(work.path)[0]!, /is damaged; it was set aside/);
  });

  it('damage in mid-run ends it with words that help', () => {
    using work = scratch();
    // More than is held in memory.
    const many = Array.from({ length: 40_000 }, (_, n) => request(`key-${n}-${'x'.repeat(100)}`));
    claims(work.path, many);
    const { journal } = openJournal(work.path);
    const file = openSync(databaseOf(work.path), 'r+');
    const { size } = fstatSync(file);
    writeSync(file, Buffer.alloc(size - 3 * 4096, 0xa5), 0, size - 3 * 4096, 3 * 4096);
    closeSync(file);
    assert.throws(
      () => journal.claim(many),
      (error) => error instanceof DiskError && /journal\.db: it is damaged/.test(error.message),
    );
    journal.close();
  });

  it('a pipe in the place of the note of its holder is not written into', { timeout: 10_000 }, () => {
    using work = scratch();
    claims(work.path, [request('key')]);
    execFileSync('mkfifo', [join(work.path, '.gallop', 'holder.json')]);
    assert.deepEqual(openedNotes(work.path), []);
  });
});

function openedNotes(dir: string): string[] {
  const { journal, notes } = openJournal(dir);
  journal.close();
  return notes;
}

describe('a disk that refuses', () => {
  it('a directory that cannot be written or made is a DiskError that names it', () => {
    using place = readOnlyDirectory();
    for (const dir of [place.path, join(place.path, 'below')]) {
      assert.throws(
        () => openJournal(dir),
        (error) => error instanceof DiskError && error.code === 'read-only' && error.message.includes(dir),
      );
    }
  });

  it('a file where the directory should be is said to be that', () => {
    using work = scratch();
    writeFileSync(join(work.path, 'file'), '');
    for (const dir of [join(work.path, 'file'), join(work.path, 'file', 'below')]) {
      assert.throws(() => openJournal(dir), { name: 'DiskError', message: /a file stands where/ });
    }
  });

  it('a directory in the place of the database', () => {
    using work = scratch();
    mkdirSync(databaseOf(work.path), { recursive: true });
    assert.throws(() => openJournal(work.path), { name: 'DiskError', code: 'read-only' });
  });

  const disk = tinyDisk(300_000);
  it('a full disk is a DiskError; what was remembered before is still known', {
    skip: needs(disk !== null, 'this user cannot mount a small file system'),
  }, () => {
    using place = disk!;
    claims(place.path, [request('a')], [outcome('a')]);
    const { journal } = openJournal(place.path);
    const filling = () => {
      for (let n = 0; ; n += 100) {
        journal.claim(Array.from({ length: 100 }, (_, at) => request(`${'long'.repeat(30)}${n + at}`)));
      }
    };
    assert.throws(filling, { name: 'DiskError', code: 'no-space' });
    assert.equal(journal.claim([request('a')])[0]!.stored?.path, 'a.jpg');
    journal.close();
    assert.ok(!existsSync(join(place.path, '.gallop', 'holder.json')));
  });
});

describe('a look into the journal', () => {
  it('says what is stored and writes nothing, not even beside it', () => {
    using work = scratch();
    assert.equal(readJournal(work.path).has('a'), false);
    claims(work.path, [request('a'), request('b')], [outcome('a')]);
    const before = readdirSync(join(work.path, '.gallop'));
    const view = readJournal(work.path);
    assert.deepEqual([view.has('a'), view.has('b'), view.has('c')], [true, false, false]);
    view.close();
    assert.deepEqual(readdirSync(join(work.path, '.gallop')), before);
  });

  it('finds what a run that was killed had remembered, and a run can go on afterwards', async () => {
    using work = scratch();
    claims(work.path, [request('a')], [outcome('a')]);
    const { child } = await holder(work.path);
    // Held, it cannot be looked into.
    assert.equal(readJournal(work.path).has('a'), false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const view = readJournal(work.path);
    assert.equal(view.has('a'), true);
    view.close();
    assert.notEqual(claims(work.path, [request('a')])[0]!.stored, null);
  });

  it('finds nothing in a damaged one, and leaves it alone', () => {
    using work = scratch();
    mkdirSync(join(work.path, '.gallop'));
    writeFileSync(databaseOf(work.path), 'rubbish'.repeat(1000));
    const view = readJournal(work.path);
    assert.equal(view.has('a'), false);
    view.close();
  });
});
