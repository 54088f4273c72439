import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { spawnOrigin } from '../../src/origin/spawn-origin.ts';

const options = { images: 2, bytes: 3000 };
const module = new URL('../../src/origin/spawn-origin.ts', import.meta.url).href;

/** Whether something listens there. */
function listens(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Resolves when nothing listens there any more; the runner's time limit ends the wait. */
async function gone(url: string): Promise<void> {
  while (await listens(url)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A Node process that runs `code`, its output so far, and its end. */
function run(code: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => String(text).trim());
  return { child, line, ended: once(child, 'exit') };
}

test('serves from a process of its own until it is closed', async () => {
  const origin = await spawnOrigin(options);
  const answer = await fetch(`${origin.url}/3/album/${origin.albumId}`, {
    headers: { Authorization: 'Client-ID x', Connection: 'close' },
  });
  assert.equal(((await answer.json()) as { data: { images: unknown[] } }).data.images.length, 2);
  await origin.close();
  await origin.close();
  assert.equal(await listens(origin.url), false);
});

test('what was wrong at the start is said as by startOrigin', async () => {
  const first = await spawnOrigin(options);
  const port = Number(new URL(first.url).port);
  await assert.rejects(spawnOrigin({ ...options, port }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /another program has it/);
    return true;
  });
  await first.close();
});

test('does not keep its parent alive, and ends with it', { timeout: 20_000 }, async () => {
  const { line, ended } = run(
    `import { spawnOrigin } from '${module}';
     console.log((await spawnOrigin(${JSON.stringify(options)})).url);`,
  );
  const url = await line;
  assert.deepEqual(await ended, [0, null]);
  await gone(url);
});

test('ends when its parent is killed', { timeout: 20_000 }, async () => {
  const { child, line, ended } = run(
    `import { spawnOrigin } from '${module}';
     console.log((await spawnOrigin(${JSON.stringify(options)})).url);
     setInterval(() => {}, 1000);`,
  );
  const url = await line;
  assert.ok(await listens(url));
  child.kill('SIGKILL');
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  await gone(url);
});
