import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { workerEnvironment } from '../../src/core/worker-environment.ts';
import { needs } from '../support/needs.ts';
import { answer, Gate, pictureServer } from '../support/picture-server.ts';
import { descendants, hasProc, isAlive, isWorker } from '../support/processes.ts';
import { startLibrary } from '../support/run-library.ts';
import { scratch, until } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

const noProc = needs(hasProc, 'this system has no /proc to look into processes');

async function heldServer() {
  const gate = new Gate();
  const server = await pictureServer((path, response) => {
    gate.hold(() => answer(path, response));
    return true;
  });
  return { gate, server };
}

test('a worker process has no credential in its environment, and does its work', {
  skip: noProc,
}, async () => {
  using work = scratch();
  const { gate, server } = await heldServer();
  await using _ = server;
  const secrets = ['CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN'].flatMap((name) => [name, `IMGUR_${name}`]);
  for (const name of [...secrets, 'AWS_SECRET_ACCESS_KEY']) process.env[name] = 'do-not-pass-on';
  try {
    const spec = resolveRunSpec({ dir: work.path, strategy: 'processes', workers: 2, name: '{name}.{ext}' });
    const run = startRun(spec, { items: server.items(2, 1000) });
    await until(() => gate.waiting === 2);
    const workers = descendants(process.pid).filter(isWorker);
    assert.equal(workers.length, 2);
    for (const { pid } of workers) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      assert.doesNotMatch(environment, /do-not-pass-on/);
      assert.match(environment, /(^|\0)PATH=/);
    }
    gate.release();
    assert.equal((await run.summary).saved, 2);
  } finally {
    for (const name of [...secrets, 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
  }
});

test('what Node needs to run is passed on, on Windows in any case of its names', () => {
  const given = {
    PATH: '1',
    Path: '2',
    SystemRoot: '3',
    LC_ALL: '4',
    NODE_OPTIONS: '5',
    NODE_EXTRA_CA_CERTS: '6',
  };
  assert.deepEqual(
    workerEnvironment({ ...given, NODE_AUTH_TOKEN: 'x', HTTPS_PROXY: 'x', NPM_TOKEN: 'x' }),
    given,
  );
});

test('the proxies of the environment hold in every place', async () => {
  await using proxy = await pictureServer((_, response) => {
    answer('/1000/proxied.jpg', response);
    return true;
  });
  for (const strategy of ['async', 'threads', 'processes'] as const) {
    using work = scratch();
    const item = { key: 'k', url: 'http://pictures.example/a.jpg', name: 'a', index: 1, reach: [] };
    const spec = resolveRunSpec({ dir: work.path, strategy, workers: 1, name: '{name}.{ext}', retries: 0 });
    const { saved } = await startRun(spec, { items: [item], environment: { HTTP_PROXY: proxy.url } }).summary;
    assert.equal(saved, 1, strategy);
  }
  assert.deepEqual(proxy.requests, Array(3).fill('http://pictures.example/a.jpg'));
});

test('workers end when their parent is killed', { skip: noProc, timeout: 30_000 }, async () => {
  using work = scratch();
  const { gate, server } = await heldServer();
  await using _ = server;
  const options = { strategy: 'processes', workers: 2, dir: work.path } as const;
  const { child, result } = startLibrary({ sources: server.items(2, 1000).map(({ url }) => url), options });
  await until(() => gate.waiting === 2);
  const workers = descendants(child.pid!).filter(isWorker);
  assert.equal(workers.length, 2);
  child.kill('SIGKILL');
  await result;
  await until(() => workers.every(({ pid }) => !isAlive(pid)));
});

test('the processes of a race, and their workers, end when the race is killed', {
  skip: noProc,
  timeout: 30_000,
}, async () => {
  using work = scratch();
  const { gate, server } = await heldServer();
  await using _ = server;
  const entry = fileURLToPath(new URL('../support/race-process.ts', import.meta.url));
  const sources = server.items(2, 1000).map(({ url }) => url);
  const options = { strategies: ['processes'], workers: 2, dir: work.path };
  const race = spawn(process.execPath, [entry, JSON.stringify({ sources, options })], { stdio: 'ignore' });
  await until(() => gate.waiting === 2);
  const below = descendants(race.pid!);
  assert.deepEqual([below.length, below.filter(isWorker).length], [3, 2]);
  race.kill('SIGKILL');
  await until(() => below.every(({ pid }) => !isAlive(pid)));
});
