import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needs } from '../support/needs.ts';
import { descendants, hasProc, isAlive } from '../support/processes.ts';
import { scratch, until } from '../support/scratch.ts';

const entry = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url));

test('Ctrl-C leaves no file and no process', { skip: needs(hasProc, 'looks at /proc') }, async () => {
  using work = scratch();
  // One picture at a time, from far away: it would take ten seconds.
  const words = ['--only', 'album', '--quick', '--contestants=-s sync', '--dir', work.path];
  const bench = spawn(process.execPath, [entry, ...words], { stdio: 'ignore' });
  const below = () => descendants(bench.pid!);
  // The origin, and what measures, with the command below it.
  const isMeasuring = () => below().length >= 3 && below().some(({ command }) => command.includes('sync'));
  await until(() => isMeasuring() || bench.exitCode !== null);
  const started = below().map(({ pid }) => pid);
  assert.ok(started.length >= 3 && readdirSync(work.path).length === 1, `exit ${bench.exitCode}`);
  bench.kill('SIGINT');
  const [code] = await once(bench, 'exit');
  assert.equal(code, 130);
  assert.deepEqual(readdirSync(work.path), []);
  await until(() => !started.some(isAlive));
});
