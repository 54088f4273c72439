import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { gallop, jsonLines, type PictureHost, pictureHost, scratchDirectory } from './gallop.ts';

async function downloaded(cwd: string, host: PictureHost): Promise<void> {
  const { code, stderr } = await gallop(
    ['a', 'b', 'c'].map((name) => `${host.url}/${name}.jpg`).concat('-s', 'async', '--name', '{name}.{ext}'),
    { cwd },
  );
  assert.equal(code, 0, stderr);
  rmSync(join(cwd, 'downloads', 'a.jpg'));
  writeFileSync(join(cwd, 'downloads', 'b.jpg'), 'other bytes');
  host.requests.length = 0;
}

test('verify --repair: what is wrong is the output, exit 0 when it could be fetched', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const cwd = work.path;
  await downloaded(cwd, host);
  // What the environment says for other commands does not stand in the way.
  const env = { GALLOP_INPUT: 'no-such-list', GALLOP_DIR: 'elsewhere', GALLOP_INFO: '1' };
  const words = ['verify', 'downloads', '--repair', '-s', 'sync'];
  const { code, stdout, stderr } = await gallop(words, { cwd, env });
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.trimEnd().split('\n').sort(), ['changed b.jpg', 'missing a.jpg']);
  assert.match(stderr, /^2 saved: .*, sync$/m);
  assert.match(stderr, /^1 good, 1 missing, 1 changed: .*; 2 repaired$/m);
  assert.deepEqual(readFileSync(join(cwd, 'downloads', 'b.jpg')), host.picture);
  assert.deepEqual(host.requests.sort(), ['/a.jpg', '/b.jpg']);
  const files = readdirSync(join(cwd, 'downloads')).filter((name) => name !== '.gallop');
  assert.deepEqual(files, ['a.jpg', 'b.jpg', 'c.jpg']);
});

test('verify --repair: 3 when something could not be; --json ends with one line that says it all', async () => {
  using work = scratchDirectory();
  const cwd = work.path;
  {
    await using host = await pictureHost();
    await downloaded(cwd, host);
  }
  const env = { GALLOP_RETRIES: '0' };
  const { code, stdout, stderr } = await gallop(['verify', 'downloads', '--repair', '--json'], { cwd, env });
  assert.equal(code, 3, stderr);
  const events = jsonLines(stdout);
  assert.equal(events.filter(({ event }) => event === 'verified').length, 3);
  assert.equal(events.filter(({ event }) => event === 'end').length, 1);
  const { seconds, ...last } = events.at(-1)!;
  assert.ok(Number(seconds) > 0);
  assert.deepEqual(last, {
    ...{ event: 'repair', good: 1, missing: 1, changed: 1, foreign: 0, bytes: last.bytes },
    ...{ repaired: 0, renewed: 0, failed: 2, exitCode: 3 },
  });
  assert.match(stderr, /2 could not be$/m);
  assert.equal(readFileSync(join(cwd, 'downloads', 'b.jpg'), 'utf8'), 'other bytes');
});

test('verify --repair: of a journal of version 1 it says what a private address needs, and that helps', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const cwd = work.path;
  await downloaded(cwd, host);
  const database = new DatabaseSync(join(cwd, 'downloads', '.gallop', 'journal.db'));
  database.exec(
    'ALTER TABLE items DROP COLUMN recipe; ALTER TABLE items DROP COLUMN ended_ms; ALTER TABLE items DROP COLUMN facts; ALTER TABLE items DROP COLUMN made; PRAGMA user_version = 1',
  );
  database.close();
  const words = ['verify', 'downloads', '--repair', '-s', 'async'];
  const refused = await gallop(words, { cwd });
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /^2 failed: forbidden-address - .* use --allow-private$/m);
  assert.deepEqual(host.requests, []);
  const { code, stderr } = await gallop([...words, '--allow-private'], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /; 2 repaired$/m);
});

test('verify --repair: no options of a listing or of names; exit 2 where there is nothing to verify', async () => {
  using work = scratchDirectory();
  for (const words of [['--name', '{id}'], ['-i', 'list'], ['--info']]) {
    const { code, stderr } = await gallop(['verify', '.', '--repair', ...words], { cwd: work.path });
    assert.equal(code, 2);
    assert.match(stderr, /unknown option/);
  }
  const { code, stderr } = await gallop(['verify', '.', '--repair'], { cwd: work.path });
  assert.equal(code, 2);
  assert.match(stderr, /no journal in \./);
});
