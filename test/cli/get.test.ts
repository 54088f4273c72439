import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/needs.ts';
import {
  gallop,
  jsonLines,
  type PictureHost,
  pictureHost,
  scratchDirectory,
  start,
  startWords,
} from './gallop.ts';

test('files arrive whole, one line sums up, and a second run keeps them', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const words = [`${host.url}/a.jpg`, `${host.url}/b.jpg`, '-d', 'pictures', '-s', 'async'];
  const first = await gallop(words, { cwd: work.path });
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stdout, '');
  assert.match(first.stderr, /^2 saved: \d+ B in .*, async\n$/);
  const files = readdirSync(join(work.path, 'pictures'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.name.endsWith('.jpg'),
  );
  assert.equal(files.length, 2);
  for (const { parentPath, name } of files) {
    assert.deepEqual(readFileSync(join(parentPath, name)), host.picture);
  }
  const second = await gallop(words, { cwd: work.path });
  assert.equal(second.code, 0);
  assert.match(second.stderr, /^0 saved, 2 kept/);
  assert.equal(host.requests.length, 2);
});

test('failures are said with address, reason and what to do; exit 3', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const { code, stderr } = await gallop([`${host.url}/a.jpg`, `${host.url}/gone`, '-s', 'async'], {
    cwd: work.path,
  });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^1 saved, 1 failed: /m);
  assert.match(stderr, /^1 failed: not-found - it is gone/m);
  assert.match(stderr, /^ {2}http:\/\/127\.0\.0\.1:\d+\/gone/m);
});

test('--quiet says nothing of a success and still names what failed; -v has a line for each file', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const get = (...words: string[]) => gallop([...words, '-s', 'async'], { cwd: work.path });
  assert.deepEqual(await get(`${host.url}/a.jpg`, '--quiet'), { code: 0, stdout: '', stderr: '' });
  const failed = await get(`${host.url}/gone`, '--quiet');
  assert.match(failed.stderr, /^1 failed: not-found[^\n]*\n[^\n]*\/gone[^\n]*\n$/);
  const verbose = await get(`${host.url}/a.jpg`, `${host.url}/c.jpg`, '-v');
  assert.match(verbose.stderr, /^kept {4}.*a\.jpg/m);
  assert.match(verbose.stderr, /^saved {3}.*c\.jpg \(\d+ B/m);
});

test('--json: only objects on stdout, tagged, with the fields of the contract and the exit code', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const { code, stdout } = await gallop(['-i', '-', '--json', '-s', 'async', '--name', '{name}.{ext}'], {
    cwd: work.path,
    input: `${host.url}/a.jpg\n${host.url}/gone\n`,
  });
  const events = jsonLines(stdout);
  const has = (name: string, fields: string) => {
    const found = events.find(({ event }) => event === name);
    assert.ok(found, name);
    for (const field of fields.split(' ')) assert.ok(field in found, `${name}: ${field}`);
  };
  has('start', 'strategy source dir total');
  has('outcome', 'status key url path bytes sha256 mime width height attempts ms');
  has('end', 'strategy saved kept skipped failed bytes seconds peakInFlight exitCode');
  assert.equal(events[0]!.event, 'start');
  assert.equal(events.at(-1)!.event, 'end');
  assert.equal(events.at(-1)!.exitCode, code);
  assert.equal(code, 3);
  const failed = events.find(({ status }) => status === 'failed')!;
  assert.deepEqual(Object.keys(failed.error as object).sort(), ['code', 'message', 'retryable']);
});

test('--dry-run and list fetch nothing, write nothing, and agree on the names', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const words = [`${host.url}/a.jpg`, `${host.url}/b.jpg`, '--name', '{index:03}.{ext}'];
  const dry = await gallop([...words, '--dry-run'], { cwd: work.path });
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /^new {3}001\.\S+\nnew {3}002\.\S+\n$/);
  assert.match(dry.stderr, /^2 items: 2 new, 0 known/);
  const list = await gallop(['list', ...words], { cwd: work.path });
  const items = jsonLines(list.stdout);
  assert.deepEqual(
    items.map(({ url }) => url),
    words.slice(0, 2),
  );
  assert.deepEqual(dry.stdout, items.map(({ target }) => `new   ${target}\n`).join(''));
  assert.deepEqual(host.requests, []);
  assert.deepEqual(readdirSync(work.path), []);
  const variable = await gallop(words, { cwd: work.path, env: { GALLOP_DRY_RUN: '1' } });
  assert.equal(variable.stdout, dry.stdout);
  const json = await gallop([...words, '--dry-run', '--json'], { cwd: work.path });
  assert.deepEqual(jsonLines(json.stdout), items);
  assert.deepEqual(new Set(items.map(({ event }) => event)), new Set(['listed']));
});

test('what ends the run is one clear line, an error event and its exit code; never a stack trace', async () => {
  using work = scratchDirectory();
  writeFileSync(join(work.path, 'file'), '');
  const cases: [string[], number][] = [
    [['imgur:abcdefg', '--json'], 4],
    [['demo:?imagse=3', '--json'], 2],
    [['http://127.0.0.1:1/a.jpg', '-d', 'file/x', '--json', '-v'], 5],
  ];
  for (const [words, expected] of cases) {
    const { code, stdout, stderr } = await gallop(words, { cwd: work.path });
    assert.equal(code, expected, `${words}: ${stderr}`);
    assert.match(stderr, /^gallop: \S/m);
    assert.doesNotMatch(stderr, /^\s+at |file:\/\//m);
    const last = jsonLines(stdout).at(-1)!;
    assert.deepEqual([last.event, last.exitCode], ['error', code]);
  }
});

test('.env, environment and flags reach the run, the stronger one winning', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  writeFileSync(join(work.path, '.env'), 'GALLOP_DIR=of-dotenv\nGALLOP_NAME={name}.{ext}\n');
  writeFileSync(join(work.path, 'gallop.config.json'), '{"strategy": "async", "dir": "of-config"}');
  const get = (words: string[], env = {}) => gallop([`${host.url}/a.jpg`, ...words], { cwd: work.path, env });
  await get([]);
  await get([], { GALLOP_DIR: 'of-environment' });
  const { stderr } = await get(['-d', 'of-flag'], { GALLOP_DIR: 'of-environment' });
  assert.match(stderr, /async\n$/);
  for (const dir of ['of-dotenv', 'of-environment', 'of-flag']) {
    assert.ok(existsSync(join(work.path, dir, 'a.jpg')), dir);
  }
  assert.ok(!existsSync(join(work.path, 'of-config')));
});

test('credentials appear in no output', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  writeFileSync(join(work.path, '.env'), 'CLIENT_ID=s3cretId\nCLIENT_SECRET=s3cretSecret\n');
  const { code, stdout, stderr } = await gallop(
    ['imgur:abcdefg', '--imgur-api', host.url, '--json', '-v', '--header', 'X-Token: s3cretToken'],
    { cwd: work.path },
  );
  assert.equal(code, 4, stderr);
  assert.doesNotMatch(stdout + stderr, /s3cret/);
});

async function startHeld(host: PictureHost, cwd: string) {
  const urls = [1, 2, 3].map((n) => `${host.url}/held/${n}.jpg`);
  const started = start([...urls, '-s', 'sync', '--name', '{name}.{ext}'], { cwd });
  while (host.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  started.child.kill('SIGINT');
  const [said] = await once(started.child.stderr!, 'data');
  assert.match(String(said), /^stopping: finishing what is in flight; again to stop at once\n$/);
  return started;
}

test('Ctrl-C lets what is in flight finish, says how to go on, and is exit 130', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  using started = await startHeld(host, work.path);
  host.release();
  const { code, stderr } = await started.result;
  assert.equal(code, 130);
  assert.match(stderr, /^1 saved: .*\ninterrupted: run the same command again to go on\n$/m);
  assert.deepEqual(host.requests, ['/held/1.jpg']);
  assert.deepEqual(readFileSync(join(work.path, 'downloads', '1.jpg')), host.picture);
});

test('a second Ctrl-C stops at once', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  using started = await startHeld(host, work.path);
  started.child.kill('SIGINT');
  assert.equal((await started.result).code, 130);
  assert.ok(!existsSync(join(work.path, 'downloads', '1.jpg')));
});

test('several lists and tables, and a folder of them, are listed with their rows', async () => {
  using work = scratchDirectory();
  const [one, two] = ['https://h.example/1.jpg', 'https://h.example/2.jpg'];
  mkdirSync(join(work.path, 'folder'));
  writeFileSync(join(work.path, 'folder', 'a.csv'), `url,text\n${one},A boat\n`);
  writeFileSync(join(work.path, 'b.jsonl'), JSON.stringify({ url: two, text: 'A tree' }));
  const words = ['list', '-i', 'folder', '-i', 'b.jsonl', '--caption-column', 'text'];
  const { code, stdout, stderr } = await gallop(words, { cwd: work.path });
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    jsonLines(stdout).map(({ index, url, row }) => [index, url, row]),
    [
      [1, one, { caption: 'A boat', columns: { text: 'A boat' } }],
      [2, two, { caption: 'A tree', columns: { text: 'A tree' } }],
    ],
  );
  const wrong = await gallop(['-i', 'folder', '--url-column', 'link'], { cwd: work.path });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no column 'link'\n.*'url', 'text'/);
});

test('a reader of stdout that goes away ends the command quietly', async () => {
  using work = scratchDirectory();
  const list = Array.from({ length: 20_000 }, (_, index) => `http://127.0.0.1:1/${index}.jpg\n`).join('');
  using started = start(['list', '-i', '-'], { cwd: work.path, input: list });
  const { child, result } = started;
  await once(child.stdout!, 'data');
  child.stdout!.destroy();
  const { code, stderr } = await result;
  assert.deepEqual([code, stderr], [130, '']);
});

test('an output that the disk refuses is said, with exit 5', {
  skip: needs(existsSync('/dev/full'), 'no /dev/full'),
}, () => {
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [...startWords, 'list', 'http://127.0.0.1:1/a.jpg'],
      {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      },
    );
    assert.equal(status, 5, stderr);
    assert.match(stderr, /^gallop: cannot write to stdout: ENOSPC/);
  } finally {
    closeSync(full);
  }
});

test('a flag that does nothing in this run is told of, whoever else has set it is not', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const words = [`${host.url}/a.jpg`, '-s', 'async'];
  const notes = async (flags: string[], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await gallop([...words, ...flags], { cwd: work.path, env });
    assert.deepEqual([code, stdout], [0, ''], stderr);
    return stderr.split('\n').filter((line) => line.includes('no effect'));
  };
  const said = ['--quality has no effect without --resize, --format, --strip-metadata or --frames first'];
  assert.deepEqual(await notes(['--quality', '80']), said);
  assert.deepEqual(await notes(['--quality', '80', '--quiet']), []);
  assert.deepEqual(await notes(['--quality', '80'], { GALLOP_RESIZE: '8' }), []);
  assert.deepEqual(await notes([], { GALLOP_QUALITY: '80' }), []);
  writeFileSync(join(work.path, 'gallop.config.json'), '{"quality": 80}');
  assert.deepEqual(await notes([]), []);
});
