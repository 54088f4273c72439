import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { blankOutcome } from '../../../src/core/blank-outcome.ts';
import { DiskError, UsageError } from '../../../src/core/errors.ts';
import type { Item } from '../../../src/core/item.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { suffixed } from '../../../src/core/target.ts';
import { inUse } from '../../../src/journal/journal-database.ts';
import { journalFile } from '../../../src/journal/journal-file.ts';
import { readJournal, storedRows } from '../../../src/journal/journal-reader.ts';
import { openJournal } from '../../../src/journal/sqlite-journal.ts';
import { collisionKey } from '../../../src/plan/output-name.ts';
import { bytesNear, textsNear } from '../mutations.ts';

import { allowing, target } from '../target.ts';

const items = Array.from({ length: 40 }, (_, at): Item => {
  const key = `imgur:k${at}`;
  return { key, url: `http://host/${at}.jpg`, name: `k${at}`, index: at + 1, reach: [] };
});
const request = ({ key, name }: Item) => {
  const wanted = `album/${name}.{ext}`;
  return {
    key,
    target: wanted,
    collisionKey: collisionKey(wanted),
    alternative: (round: number): [string, string] => {
      const other = suffixed(wanted, `${key} ${round}`);
      return [other, collisionKey(other)];
    },
  };
};
const outcome = (item: Item): Outcome => ({
  ...blankOutcome(item),
  status: item.index % 5 === 0 ? 'failed' : 'saved',
  path: `album/${item.name}.jpg`,
  bytes: 1000 + item.index,
  sha256: 'ab'.repeat(32),
  mime: 'image/jpeg',
  width: 4,
  height: 3,
});

interface Files {
  database: Buffer;
  log: Buffer;
}

/** The files of a journal: at rest, and as a kill leaves them. */
function sampleFiles(directory: string): Files[] {
  const file = journalFile(directory);
  const read = (): Files => ({
    database: fs.readFileSync(file),
    log: fs.existsSync(`${file}-wal`) ? fs.readFileSync(`${file}-wal`) : Buffer.alloc(0),
  });
  const { journal } = openJournal(directory);
  journal.claim(items.map(request));
  const claimed = read();
  for (const item of items) journal.record(outcome(item));
  journal.close();
  const closed = read();
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE more (a); DROP TABLE items;');
  other.close();
  return [closed, claimed, read()];
}

const remains = (directory: string) => {
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(path.join(directory, '.gallop'), { recursive: true });
};

/** A journal is gone on with, or set aside, or its damage is told, whatever its files hold. */
const journals = target<Files>({
  name: 'the files of a journal',
  weight: 3,
  open: () => {
    const root = fs.mkdtempSync(path.join(tmpdir(), 'gallop-fuzz-'));
    const samples = sampleFiles(path.join(root, 'sample'));
    const [directory, file] = [path.join(root, 'work'), journalFile(path.join(root, 'work'))];
    const databases = bytesNear(
      samples.map(({ database }) => database),
      { mayMove: false },
    );
    const logs = bytesNear([samples[1]!.log, Buffer.alloc(0), Buffer.alloc(0)], { mayMove: false });
    return {
      inputs: fc.record({ database: databases, log: logs }),
      check({ database, log }) {
        remains(directory);
        fs.writeFileSync(file, database);
        if (log.length > 0) fs.writeFileSync(`${file}-wal`, log);
        // First those that write nothing.
        readJournal(directory).close();
        allowing([UsageError, DiskError], () => expectRows(directory));
        allowing([DiskError], () => expectRun(directory));
        // Whatever came of it, nobody holds it any more.
        allowing([DiskError], () => openJournal(directory).journal.close());
      },
      close: () => fs.rmSync(root, { recursive: true }),
    };
  },
});

function expectRun(directory: string): void {
  const { journal, notes } = openJournal(directory);
  let isClosed = false;
  try {
    assert.ok(notes.length <= 1);
    const claims = journal.claim(items.map(request));
    assert.equal(claims.length, items.length);
    for (const { target: name, ownedPath, stored, unfinishedSinceMs } of claims) {
      for (const each of [name, ownedPath, stored?.path]) {
        if (each) assert.ok(!path.relative(directory, path.join(directory, each)).startsWith('..'), each);
      }
      assert.ok(unfinishedSinceMs === null || typeof unfinishedSinceMs === 'number');
      if (stored === null) continue;
      assert.match(stored.sha256, /^[0-9a-f]{64}$/);
      assert.ok(Number.isSafeInteger(stored.bytes) && stored.bytes >= 0);
    }
    for (const item of items) journal.record(outcome(item));
    isClosed = true;
    journal.close();
  } finally {
    if (!isClosed) allowing([DiskError], () => journal.close());
  }
}

function expectRows(directory: string): void {
  let rows = 0;
  for (const { path: stored, sha256, bytes } of storedRows(directory)) {
    rows += 1;
    assert.ok(rows <= 10_000, 'rows without end');
    assert.ok(!path.relative(directory, path.join(directory, stored)).startsWith('..'), stored);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.ok(Number.isSafeInteger(bytes));
  }
}

const holders = target<string>({
  name: 'holder.json',
  weight: 3,
  open: () => {
    const root = fs.mkdtempSync(path.join(tmpdir(), 'gallop-fuzz-'));
    remains(root);
    const file = journalFile(root);
    return {
      inputs: textsNear(
        ['{"pid":1234,"since":"2025-01-01T00:00:00.000Z"}', 'null', '{}'],
        ['"pid":', '"since":', '{"toString":1}'],
      ),
      check(text) {
        fs.writeFileSync(path.join(path.dirname(file), 'holder.json'), text);
        const { message } = inUse(file);
        assert.ok(message.length < 300, `${message.length} characters`);
        assert.doesNotMatch(message, /\p{Control}/u);
      },
      close: () => fs.rmSync(root, { recursive: true }),
    };
  },
});

export const journalTargets = [journals, holders];
