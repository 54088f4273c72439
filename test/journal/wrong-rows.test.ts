import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StoredRow } from '../../src/journal/journal.ts';
import { WrongRows } from '../../src/journal/wrong-rows.ts';
import { needs } from '../support/needs.ts';
import { tinyDisk } from '../support/tiny-disk.ts';

const row = (n: number, more: Partial<StoredRow> = {}): StoredRow => ({
  ...{ key: `k${n}`, url: `http://host/${n}.jpg`, recipe: null, made: null, path: `${n}.jpg`, bytes: 9 },
  ...{ sha256: String(n).padStart(64, '0'), mime: null, width: null, height: null },
  ...more,
});

function closing(): WrongRows & Disposable {
  const rows = new WrongRows();
  return Object.assign(rows, { [Symbol.dispose]: () => rows.close() });
}

it('gives the rows back in their order, the changed ones by their keys, and what each should be', () => {
  using rows = closing();
  const odd = row(2, { key: 'é \u{1f600} \0 x', recipe: '{"reach":["loopback"]}' });
  rows.add(row(9), true);
  rows.add(odd, false);
  rows.add(row(1, { made: '{}' }), true);
  assert.deepEqual([rows.length, rows.changed], [3, 2]);
  assert.deepEqual(
    [...rows.madeBy(null)],
    [
      { index: 1, key: 'k9', url: 'http://host/9.jpg', recipe: null, made: null },
      { index: 2, key: odd.key, url: odd.url, recipe: odd.recipe, made: null },
    ],
  );
  assert.deepEqual(
    [...rows.madeBy('{}')],
    [{ index: 3, key: 'k1', url: 'http://host/1.jpg', recipe: null, made: '{}' }],
  );
  assert.deepEqual(rows.stages(), [
    { made: null, count: 2 },
    { made: '{}', count: 1 },
  ]);
  assert.deepEqual([...rows.madeBy('else')], []);
  assert.deepEqual([...rows.changedKeys()], ['k9', 'k1']);
  assert.deepEqual([rows.sha256At(2), rows.sha256At(4)], [odd.sha256, undefined]);
});

it('without rows it has none, and opens nothing', () => {
  using rows = closing();
  assert.deepEqual(
    [[...rows.madeBy(null)], [...rows.changedKeys()], rows.sha256At(1), rows.length],
    [[], [], undefined, 0],
  );
});

it('is read while something of it is looked up', () => {
  using rows = closing();
  for (let n = 1; n <= 5000; n += 1) rows.add(row(n), false);
  let seen = 0;
  for (const { index } of rows.madeBy(null)) {
    seen += 1;
    assert.equal(rows.sha256At(index), row(index).sha256);
  }
  assert.equal(seen, 5000);
});

const onLinux = needs(process.platform === 'linux', 'only Linux tells which files a process has open');

it('of many rows most are in a file that is gone with them', { skip: onLinux }, () => {
  const open = () =>
    readdirSync('/proc/self/fd').filter((it) => {
      try {
        return readlinkSync(`/proc/self/fd/${it}`).includes('etilqs');
      } catch {
        return false;
      }
    }).length;
  {
    using rows = closing();
    const long = 'long'.repeat(500);
    for (let n = 1; n <= 10_000; n += 1) rows.add(row(n, { url: long }), false);
    assert.equal(open(), 1);
    assert.equal([...rows.madeBy(null)].filter(({ url }) => url === long).length, 10_000);
  }
  assert.equal(open(), 0);
});

using probe = tinyDisk(4096 * 4);
const mayMount = needs(probe !== null, 'only root may mount a file system');

it('a temporary directory that is full is told, with what could help', { skip: mayMount }, () => {
  using disk = tinyDisk(1024 * 1024);
  const module = fileURLToPath(new URL('../../src/journal/wrong-rows.ts', import.meta.url));
  const program = `
    import { WrongRows } from ${JSON.stringify(module)};
    const rows = new WrongRows();
    try {
      for (let n = 0; n < 20_000; n += 1) {
        rows.add({ key: 'k' + n, url: 'long'.repeat(500), recipe: null, made: null, sha256: '' }, false);
      }
    } catch ({ name, code, message, hint }) {
      console.log(JSON.stringify({ name, code, message, hint }));
    }
    rows.close();`;
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  // Where SQLite looks first; it asks once in a process.
  const env = { PATH: process.env.PATH, SQLITE_TMPDIR: disk!.path };
  assert.deepEqual(JSON.parse(execFileSync(process.execPath, words, { env, encoding: 'utf8' })), {
    name: 'DiskError',
    code: 'no-space',
    message: 'cannot write a temporary file: no space left on the disk',
    hint: 'name a directory with room in the variable TMPDIR',
  });
});
