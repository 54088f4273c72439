import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gallop, jsonLines, pictureHost, scratchDirectory, start } from './gallop.ts';

test('verify: exit 0 when all is good, 3 and the path of what changed when not', async () => {
  using work = scratchDirectory();
  await using host = await pictureHost();
  const cwd = work.path;
  await gallop([`${host.url}/a.jpg`, `${host.url}/b.jpg`, '-s', 'async', '--name', '{name}.{ext}'], { cwd });
  const good = await gallop(['verify', 'downloads'], { cwd });
  assert.deepEqual([good.code, good.stdout], [0, ''], good.stderr);
  assert.match(good.stderr, /^2 good, 0 missing, 0 changed/);

  writeFileSync(join(cwd, 'downloads', 'a.jpg'), 'other bytes');
  const bad = await gallop(['verify', 'downloads'], { cwd });
  assert.deepEqual([bad.code, bad.stdout], [3, 'changed a.jpg\n']);
  const events = jsonLines((await gallop(['verify', 'downloads', '--json'], { cwd })).stdout);
  assert.ok(events.some(({ state, path }) => state === 'changed' && path === 'a.jpg'));
  assert.deepEqual([events.at(-1)!.event, events.at(-1)!.exitCode], ['end', 3]);
});

test('origin: its address first, serves until it is stopped, and that is exit 0', async () => {
  using started = start(['origin', '?images=2']);
  const { child, result } = started;
  const [first] = await once(child.stdout!, 'data');
  const url = String(first).trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await fetch(`${url}/stats`)).status, 200);
  child.kill('SIGTERM');
  const { code, stderr } = await result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`gallop --imgur-api ${url} imgur:\\w+`));
  await assert.rejects(fetch(url));
});

test('race: table, chart, check and explanation on stdout, progress beside it, report where it was asked for', async () => {
  using work = scratchDirectory();
  const cwd = work.path;
  const { code, stdout, stderr } = await gallop(
    ['race', 'demo:?images=4&rtt=5ms&think=5ms', '--strategies', 'sync,async', '--report', 'race.html'],
    { cwd },
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^strategy +time +speed-up/m);
  assert.match(stdout, /^sync +[\d.]+ s +1\.00x/m);
  assert.match(stdout, /^async +█+[▏▎▍▌▋▊▉]? [\d.]+ s$/m);
  assert.match(stdout, /^✓ all wrote the same bytes$/m);
  assert.match(stderr, /^sync: .* s$/m);
  assert.ok(existsSync(join(cwd, 'race.html')));
});

test('race --json: the runs carry their strategy, and the race is the last line', async () => {
  using work = scratchDirectory();
  const { stdout, stderr, code } = await gallop(
    ['race', 'demo:?images=2&rtt=1ms&think=1ms', '--strategies', 'async', '--runs', '2', '--json'],
    { cwd: work.path },
  );
  assert.equal(code, 0, stderr);
  const events = jsonLines(stdout);
  const ends = events.filter(({ event }) => event === 'end');
  assert.deepEqual(
    ends.map(({ strategy, run }) => [strategy, run]),
    [
      ['async', 1],
      ['async', 2],
    ],
  );
  const last = events.at(-1)!;
  assert.equal(last.event, 'race');
  assert.equal(events.filter(({ event }) => event === 'race').length, 1);
  for (const field of ['results', 'fastest', 'identical']) assert.ok(field in last, field);
});
