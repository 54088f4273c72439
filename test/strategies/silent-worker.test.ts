import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { needs } from '../support/needs.ts';
import { answer, Gate, pictureServer } from '../support/picture-server.ts';
import { filesIn, partsIn, scratch, until } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

/** Child processes of this one. */
function children(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
}

test('a worker process that is stopped in mid-run does not hold the run up: its item goes to another', {
  skip: needs(process.platform === 'linux', 'finds its worker under /proc'),
  timeout: 30_000,
}, async () => {
  using work = scratch();
  const gate = new Gate();
  let held = 0;
  await using server = await pictureServer((path, response) => {
    held += 1;
    if (held > 2) return false;
    gate.hold(() => answer(path, response));
    return true;
  });
  const spec = resolveRunSpec({
    ...{ sources: [], dir: work.path, strategy: 'processes', workers: 2, name: '{name}.{ext}' },
    timeoutMs: 1000,
  });
  const before = new Set(children());
  const run = startRun(spec, { items: server.items(6, 3000) });
  await until(() => gate.waiting === 2);
  const [victim] = children().filter((pid) => !before.has(pid));
  process.kill(victim!, 'SIGSTOP');
  gate.release();
  const notes: string[] = [];
  for await (const event of run) if (event.event === 'note') notes.push(event.message);
  const { saved, failed } = await run.summary;
  assert.deepEqual([saved, failed], [6, 0]);
  assert.equal(filesIn(work.path).length, 6);
  assert.deepEqual(partsIn(work.path), []);
  assert.deepEqual(
    notes.map((note) => /killed by SIGKILL/.test(note)),
    [true],
  );
});

test('an abort does not wait for what only waits for its next try', async () => {
  using work = scratch();
  let asked = 0;
  await using server = await pictureServer((_path, response) => {
    asked += 1;
    response.writeHead(429, { 'retry-after': '20' }).end();
    return true;
  });
  const stop = new AbortController();
  const spec = resolveRunSpec({ sources: [], dir: work.path, strategy: 'async', patienceMs: 60_000 });
  const run = startRun(spec, { items: server.items(3, 3000), signal: stop.signal });
  await until(() => asked > 0);
  const abortedAt = performance.now();
  stop.abort();
  assert.equal((await run.summary).exitCode, 130);
  assert.ok(performance.now() - abortedAt < 4000, 'the grace is for what is on the wire');
});
