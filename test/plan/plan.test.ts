import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import type { Item } from '../../src/core/item.ts';
import { noTimings, type Outcome } from '../../src/core/outcome.ts';
import type { Work } from '../../src/core/run-spec.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { KeySet } from '../../src/plan/key-set.ts';
import { compileTemplate } from '../../src/plan/output-name.ts';
import { plan } from '../../src/plan/plan.ts';
import { scratch } from '../support/scratch.ts';

const item = (key: string, more: Partial<Item> = {}): Item => ({
  key,
  url: `http://host/${key}.jpg`,
  name: key,
  index: 1,
  reach: [],
  ...more,
});

async function* from(items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

interface Planned {
  work: Work[];
  settled: Outcome[];
}

/** What a run of its own would have to do; `end` says how the work ended. */
async function planned(
  dir: string,
  items: Item[],
  end: (work: Work) => Partial<Outcome> | null = () => null,
  name = '{name}.{ext}',
): Promise<Planned> {
  const { journal } = openJournal(dir);
  const result: Planned = { work: [], settled: [] };
  try {
    const settled = (outcome: Outcome) => void result.settled.push(outcome);
    for await (const work of plan(from(items), {
      dir,
      nameOf: compileTemplate(name),
      journal,
      stage: null,
      filters: '',
      settled,
    })) {
      result.work.push(work);
      const ended = end(work);
      if (ended !== null) journal.record({ ...saved(work), ...ended });
    }
  } finally {
    journal.close();
  }
  return result;
}

const saved = ({ item: { key, url, index }, target }: Work): Outcome => ({
  status: 'saved',
  key,
  url,
  index,
  path: target.replace('{ext}', 'jpg'),
  bytes: 5,
  sha256: 'cd'.repeat(32),
  mime: 'image/jpeg',
  width: 4,
  height: 3,
  attempts: 1,
  ms: noTimings(),
  startedMs: 0,
  endedMs: 0,
  slot: 0,
});

/** Stores the file, as a download would. */
const store = (dir: string) => (work: Work) => {
  const outcome = saved(work);
  writeFileSync(join(dir, outcome.path!), '12345');
  return outcome;
};

const keys = (work: Work[]) => work.map((it) => it.item.key);

describe('plan', () => {
  it('keeps what is stored and still there, with what the journal knows of it, and wants the rest', async () => {
    using work = scratch();
    const items = ['a', 'b', 'c', 'd', 'e'].map((key) => item(key));
    await planned(work.path, items, store(work.path));
    truncateSync(join(work.path, 'b.jpg'), 3);
    rmSync(join(work.path, 'c.jpg'));
    rmSync(join(work.path, 'd.jpg'));
    symlinkSync(join(work.path, 'a.jpg'), join(work.path, 'd.jpg'));
    const second = await planned(work.path, items);
    assert.deepEqual(keys(second.work), ['b', 'c', 'd']);
    assert.deepEqual(
      second.work.map(({ ownedPath, adoptSinceMs }) => [ownedPath, adoptSinceMs]),
      [
        ['b.jpg', null],
        // Gone: there is nothing to replace, and another item may get the name first.
        [null, null],
        ['d.jpg', null],
      ],
    );
    assert.deepEqual(
      second.settled.map(({ status, key, path, bytes, sha256, mime, width, height, attempts }) => ({
        ...{ status, key, path, bytes, sha256, mime, width, height, attempts },
      })),
      ['a', 'e'].map((key) => ({
        ...{ status: 'kept', key, path: `${key}.jpg`, bytes: 5, sha256: 'cd'.repeat(32) },
        ...{ mime: 'image/jpeg', width: 4, height: 3, attempts: 0 },
      })),
    );
  });

  it('wants a stored file again where something else stands in the place of its directory', async () => {
    using work = scratch();
    mkdirSync(join(work.path, 'host'));
    await planned(work.path, [item('a')], store(work.path), '{host}/{name}.{ext}');
    rmSync(join(work.path, 'host'), { recursive: true });
    writeFileSync(join(work.path, 'host'), 'a file');
    const { work: again } = await planned(work.path, [item('a')], undefined, '{host}/{name}.{ext}');
    assert.deepEqual(keys(again), ['a']);
  });

  it('tries again what failed, and does not take a file that came later for its own', async () => {
    using work = scratch();
    await planned(work.path, [item('a')], () => ({ status: 'failed', path: null }));
    const { work: again } = await planned(work.path, [item('a')]);
    assert.deepEqual([again[0]!.ownedPath, again[0]!.adoptSinceMs], [null, null]);
  });

  it('an item whose run was killed may be there since it was named', async () => {
    using work = scratch();
    const before = Date.now();
    await planned(work.path, [item('a')]);
    const { work: again } = await planned(work.path, [item('a')]);
    assert.ok(again[0]!.adoptSinceMs! >= before && again[0]!.adoptSinceMs! <= Date.now());
  });

  it('skips the second of two items with one key, near or far, on a first run and on a later one', async () => {
    using work = scratch();
    const many = Array.from({ length: 600 }, (_, at) => item(`k${at}`));
    const items = [item('a'), item('a', { index: 2 }), ...many, item('a', { index: 603 })];
    for (const run of [1, 2]) {
      const { work: wanted, settled } = await planned(work.path, items);
      assert.equal(wanted.length, 601, `run ${run}`);
      assert.deepEqual(
        settled.map(({ status, index }) => [status, index]),
        [
          ['skipped', 2],
          ['skipped', 603],
        ],
      );
    }
  });

  it('makes a failed outcome of an item that is broken already, without a name for it', async () => {
    using work = scratch();
    const failure = { code: 'bad-url', message: 'line 3: no address', retryable: false } as const;
    const { work: wanted, settled } = await planned(work.path, [
      item('a'),
      item('line:3', { url: 'rubbish', failure }),
    ]);
    assert.deepEqual(keys(wanted), ['a']);
    assert.deepEqual(
      settled.map(({ status, url, error }) => [status, url, error]),
      [['failed', 'rubbish', failure]],
    );
  });

  it('shows no password in what it settles', async () => {
    using work = scratch();
    const secret = item('a', { url: 'http://user:s3cret@host/a.jpg' });
    await planned(work.path, [secret], store(work.path));
    const { settled } = await planned(work.path, [secret, secret]);
    assert.equal(settled.length, 2);
    assert.doesNotMatch(JSON.stringify(settled), /s3cret/);
  });

  it('gives two items different targets, the same on every run, except where the bytes are in the name', async () => {
    using work = scratch();
    const twins = [item('1', { url: 'http://one/same.jpg' }), item('2', { url: 'http://two/SAME.jpg' })];
    const [first, second] = [await planned(work.path, twins), await planned(work.path, twins.toReversed())];
    const targets = first.work.map(({ target }) => target);
    assert.equal(targets[0], 'same.{ext}');
    assert.match(targets[1]!, /^SAME~[0-9a-f]{8}\.\{ext\}$/);
    assert.deepEqual(second.work.map(({ target }) => target).reverse(), targets);
    using other = scratch();
    const open = await planned(other.path, twins, undefined, '{sha256}.{ext}');
    assert.deepEqual(
      open.work.map(({ target }) => target),
      ['{sha256}.{ext}', '{sha256}.{ext}'],
    );
  });

  it('reads its source no further than one batch ahead', async () => {
    using work = scratch();
    let read = 0;
    async function* source() {
      for (; read < 5000; read += 1) yield item(`k${read}`);
    }
    const { journal } = openJournal(work.path);
    const wanted = plan(source(), {
      dir: work.path,
      nameOf: compileTemplate('{name}.{ext}'),
      journal,
      stage: null,
      filters: '',
      settled() {},
    });
    for (let n = 0; n < 10; n += 1) await wanted.next();
    assert.ok(read <= 2 * 256 + 1, String(read));
    await wanted.return(undefined);
    journal.close();
  });
});

test('KeySet knows what was added, of any length, and nothing else', () => {
  const keys = new KeySet();
  const long = 'x'.repeat(100_000);
  for (let n = 0; n < 20_000; n += 1) assert.ok(keys.add(`key ${n}`));
  assert.ok(keys.add(long));
  for (let n = 0; n < 20_000; n += 1) {
    assert.ok(keys.has(`key ${n}`) && !keys.has(`other ${n}`));
    assert.equal(keys.add(`key ${n}`), false);
  }
  assert.ok(keys.has(long) && !keys.has('') && !keys.has(`${long}x`));
});
