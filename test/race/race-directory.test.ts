import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { download } from '../../src/index.ts';
import { checkRaceDirectory, freshRaceDirectory } from '../../src/race/race-directory.ts';
import { checkReportFile, pictureFileOf } from '../../src/race/report-files.ts';
import { treeDigest } from '../../src/race/tree-digest.ts';
import { pictureServer } from '../support/picture-server.ts';

const root = await mkdtemp(join(tmpdir(), 'gallop-race-dir-'));
after(() => rm(root, { recursive: true }));

test('a directory that a race made is emptied for the next', async () => {
  const dir = join(root, 'again');
  await freshRaceDirectory(dir);
  await using server = await pictureServer();
  const urls = server.items(2, 3000).map(({ url }) => url);
  await download(urls, { dir, strategy: 'async', info: true }).summary;
  await freshRaceDirectory(dir);
  assert.deepEqual(await readdir(dir), ['.gallop']);
});

test('a file that somebody put into the directory of a race is not wiped away', async () => {
  const dir = join(root, 'visited');
  await freshRaceDirectory(dir);
  await mkdir(join(dir, 'mine'));
  await writeFile(join(dir, 'mine', 'notes.txt'), 'precious');
  await assert.rejects(freshRaceDirectory(dir), /holds a file that no race made: mine\/notes\.txt/);
  assert.equal(await readFile(join(dir, 'mine', 'notes.txt'), 'utf8'), 'precious');
});

test('an empty directory and one that is not there are taken', async () => {
  await mkdir(join(root, 'empty'));
  await freshRaceDirectory(join(root, 'empty'));
  await freshRaceDirectory(join(root, 'a', 'b', 'new'));
  assert.deepEqual(await readdir(join(root, 'a', 'b', 'new')), ['.gallop']);
});

test('what no race made is refused and left as it was, downloads of an ordinary run included', async () => {
  const dir = join(root, 'mine');
  await mkdir(join(dir, '.gallop'), { recursive: true });
  await writeFile(join(dir, 'holiday.jpg'), 'precious');
  await assert.rejects(freshRaceDirectory(dir), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /mine holds files that no race made/);
    return true;
  });
  assert.equal(await readFile(join(dir, 'holiday.jpg'), 'utf8'), 'precious');
});

test('a link to a directory of a race is refused, so that nothing elsewhere is emptied', async () => {
  const target = join(root, 'target');
  await freshRaceDirectory(target);
  await writeFile(join(target, 'file'), 'x');
  await symlink(target, join(root, 'link'));
  await assert.rejects(freshRaceDirectory(join(root, 'link')), UsageError);
  assert.ok((await readdir(target)).includes('file'));
});

test('a check alone changes nothing', async () => {
  await checkRaceDirectory(join(root, 'never'));
  await assert.rejects(readdir(join(root, 'never')), { code: 'ENOENT' });
});

test('the digest of a tree tells other bytes, another size, a missing file and another name, not another order', async () => {
  const dir = join(root, 'tree');
  await mkdir(dir);
  await writeFile(join(dir, 'a'), 'aaa');
  await writeFile(join(dir, 'b'), 'b');
  const a = { path: 'a', bytes: 3, sha256: '11' };
  const b = { path: 'b', bytes: 1, sha256: '22' };
  const digest = await treeDigest(dir, [a, b]);
  assert.equal(await treeDigest(dir, [b, a]), digest);
  assert.notEqual(await treeDigest(dir, [a]), digest);
  assert.notEqual(await treeDigest(dir, [a, { ...b, sha256: '33' }]), digest);
  assert.notEqual(await treeDigest(dir, [a, { ...b, path: 'c' }]), digest);
  await writeFile(join(dir, 'b'), 'cut off');
  assert.notEqual(await treeDigest(dir, [a, b]), digest);
});

test('a report that could not be written is refused before the race', async () => {
  await assert.rejects(checkReportFile(join(root, 'nowhere', 'race.html')), UsageError);
  await assert.rejects(checkReportFile(join(root, 'race.svg')), /name it race\.html/);
  await assert.rejects(checkReportFile(root), /is a directory/);
  await checkReportFile(join(root, 'race.html'));
  assert.equal(pictureFileOf('x/race.html'), 'x/race.svg');
  assert.equal(pictureFileOf('race'), 'race.svg');
});
