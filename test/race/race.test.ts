import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { InterruptedError, UsageError } from '../../src/core/errors.ts';
import type { NoteEvent, RaceEvent, RaceRunEvent } from '../../src/core/events.ts';
import type { Item } from '../../src/core/item.ts';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import { performRace, type RaceContext, type RaceSettings } from '../../src/race/race.ts';
import { running } from '../../src/run/event-queue.ts';
import { pictureServer } from '../support/picture-server.ts';

const images = 6;
let origin: Origin;
let items: Item[];
let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'gallop-race-'));
  origin = await startOrigin({ images, bytes: 20_000, rttMs: 20, thinkMs: [20, 40] });
  const answer = await fetch(`${origin.url}/3/album/${origin.albumId}/images`, {
    headers: { authorization: 'Client-ID test' },
  });
  const { data } = (await answer.json()) as { data: { id: string; link: string }[] };
  items = data.map(({ id, link }, i) => ({
    ...{ key: id, url: link, name: id, index: i + 1 },
    ...{ album: { id: origin.albumId }, reach: ['public', 'loopback'] },
  }));
});
after(async () => {
  await origin.close();
  await rm(root, { recursive: true, force: true });
});

const startRace = (spec: RunSpec, settings: RaceSettings, context: RaceContext) =>
  running<RaceRunEvent | RaceEvent | NoteEvent, RaceEvent>((queue) =>
    performRace(spec, settings, context, queue),
  );

const specFor = (name: string) => ({ ...defaultRunSpec, sources: ['demo:'], dir: join(root, name) });

/** The processes that this one has started and that still live. */
function children(): number[] {
  const all = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return all
    .trim()
    .split('\n')
    .filter((each) => !each.endsWith(' ps'))
    .map((each) => Number.parseInt(each, 10));
}

test('a race measures every run, leaves the same files with each, and writes its report', async () => {
  const reportFile = join(root, 'race.html');
  const race = startRace(
    specFor('whole'),
    { strategies: ['sync', 'threads', 'processes', 'async', 'auto'], runs: 1, reportFile },
    { items },
  );
  const outcomes = new Map<string, number>();
  let last: RaceRunEvent | RaceEvent | NoteEvent | undefined;
  for await (const event of race) {
    last = event;
    if (event.event === 'outcome') {
      assert.equal(event.status, 'saved', event.error?.message);
      outcomes.set(event.strategy, (outcomes.get(event.strategy) ?? 0) + 1);
      await readFile(join(root, 'whole', `${event.strategy}-${event.run}`, event.path!));
    }
  }
  const result = await race.summary;
  assert.deepEqual(last, result);
  assert.deepEqual(
    [...outcomes],
    ['sync', 'threads', 'processes', 'async', 'auto'].map((strategy) => [strategy, images]),
  );
  assert.equal(result.identical, true);
  for (const each of result.results) {
    assert.equal(each.failed, 0);
    assert.ok(each.bytes > 0 && each.cpuSeconds > 0 && each.peakRssBytes > 10e6 && each.seconds.length === 1);
    assert.ok(each.waitingShare > 0.3 && each.waitingShare <= 1, `${each.strategy} ${each.waitingShare}`);
  }
  const [sync, , , async] = result.results;
  assert.equal(sync!.peakInFlight, 1);
  assert.ok(async!.peakInFlight > 1);
  assert.ok(sync!.median > async!.median);
  const page = await readFile(reportFile, 'utf8');
  assert.ok(result.results.every(({ strategy }) => page.includes(`<th scope="row">${strategy}</th>`)));
  assert.ok(!page.includes(root));
  assert.match(await readFile(join(root, 'race.svg'), 'utf8'), /^<svg /);
});

test('pictures that are computed are explained by what computing them took', async () => {
  const reportFile = join(root, 'pixels.html');
  const race = startRace(
    { ...specFor('pixels'), resize: 32, blurhash: true },
    { strategies: ['threads', 'processes', 'async'], runs: 1, reportFile },
    { items },
  );
  const { explanation, identical, results } = await race.summary;
  assert.equal(identical, true);
  const text = explanation.join('\n');
  assert.match(text, /6 pictures \(\d[\d.]* kB, stored as [\d.]+ kB\)/);
  const [, each, all] =
    /Decoding and computing took ([\d.]+ m?s) of processor time a picture under \w+, ([\d.]+) s/.exec(text)!;
  assert.ok(Number.parseFloat(each!) > 0);
  assert.ok(Number(all) > 0 && Number(all) < Math.max(...results.map(({ cpuSeconds }) => cpuSeconds)));
  for (const name of ['threads', 'processes', 'async'])
    assert.match(text, new RegExp(`limit under .*${name} \\(`));
  assert.match(text, /the BlurHash, which is JavaScript/);
  assert.match(await readFile(reportFile, 'utf8'), /<dt>Image stage<\/dt><dd>resize to 32 \(\w+\), BlurHash/);
});

test('what auto allowed comes out of the process of its run and into the report, with its reason', async () => {
  const reportFile = join(root, 'auto.html');
  // One after the other, they take longer than it takes to be told of the window.
  const race = startRace(
    { ...specFor('auto'), perHost: 1 },
    { strategies: ['auto'], runs: 1, reportFile },
    { items },
  );
  const { explanation } = await race.summary;
  assert.match(
    explanation.join('\n'),
    /it allowed 1 in flight after [\d.]+ m?s; it used up to 1\. Its reason: one host may have no more \(--per-host\)/,
  );
  assert.match(await readFile(reportFile, 'utf8'), /<path d="M[^"]*" class="window"\/>/);
});

test('the runs of a race neither use nor change what auto remembers of hosts', async () => {
  process.env.XDG_STATE_HOME = join(root, 'state');
  const file = join(root, 'state', 'gallop', 'hosts.json');
  await using server = await pictureServer();
  const host = new URL(server.url).host;
  const known = { window: 77, tooMuch: null, wasEnough: false, atMs: Date.now() };
  const before = JSON.stringify({ version: 1, hosts: { [host]: known } });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, before);
  const race = startRace(
    specFor('isolated'),
    { strategies: ['auto'], runs: 1, reportFile: null },
    { items: server.items(200, 3000) },
  );
  let reason: string | null = null;
  for await (const event of race) if (event.event === 'end') reason = event.reason;
  assert.doesNotMatch(reason!, /remembered/);
  assert.equal(await readFile(file, 'utf8'), before);
});

test('a race that is only awaited gives its result', async () => {
  const race = startRace(
    specFor('awaited'),
    { strategies: ['async'], runs: 2, reportFile: null },
    { items: items.slice(0, 2) },
  );
  const { results, fastest } = await race.summary;
  assert.equal(fastest, 'async');
  assert.equal(results[0]!.seconds.length, 2);
});

test('a run whose process dies counts as failed, is told, and the race goes on', async () => {
  const race = startRace(
    specFor('dying'),
    { strategies: ['sync', 'async'], runs: 1, reportFile: null },
    { items },
  );
  const notes: string[] = [];
  let killed = false;
  for await (const event of race) {
    if (event.event === 'note') notes.push(event.message);
    if (event.event === 'start' && event.strategy === 'sync' && !killed) {
      killed = true;
      for (const pid of children()) process.kill(pid, 'SIGKILL');
    }
  }
  const { results, fastest, identical } = await race.summary;
  assert.ok(
    notes.includes('the process of sync, run 1, was killed by SIGKILL; the race goes on'),
    notes.join('\n'),
  );
  assert.equal(fastest, 'async');
  assert.equal(identical, false);
  assert.ok(results[0]!.failed > 0);
  assert.equal(results[1]!.failed, 0);
});

test('an abort ends the race with an InterruptedError, and no process is left', async () => {
  const stop = new AbortController();
  const reportFile = join(root, 'never.html');
  const race = startRace(
    specFor('aborted'),
    { strategies: ['sync'], runs: 1, reportFile },
    { items, signal: stop.signal },
  );
  await assert.rejects(async () => {
    for await (const event of race) if (event.event === 'start') stop.abort();
  }, InterruptedError);
  await assert.rejects(race.summary, InterruptedError);
  assert.deepEqual(children(), []);
  await assert.rejects(readFile(reportFile), { code: 'ENOENT' });
});

test('a race that would empty a directory of the user does not begin', async () => {
  const spec = specFor('mine');
  const race = () =>
    startRace(spec, { strategies: ['sync', 'async'], runs: 1, reportFile: null }, { items: [] });
  await race().summary;
  await rm(join(spec.dir, 'async-1'), { recursive: true });
  await writeFile(join(spec.dir, 'async-1'), 'in the way');
  await assert.rejects(race().summary, UsageError);
});

test('a race without strategies, with one named twice, or with no runs is refused', async () => {
  const refused = (strategies: ('sync' | 'async')[], runs: number) =>
    assert.rejects(
      startRace(specFor('refused'), { strategies, runs, reportFile: null }, { items }).summary,
      UsageError,
    );
  await refused([], 1);
  await refused(['sync', 'sync'], 1);
  await refused(['sync'], 0);
});
