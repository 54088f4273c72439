import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

const dayMs = 24 * 60 * 60 * 1000;

test('clock jumps: no duration, wait or time limit follows a clock that is set, and the next run goes on', async (t) => {
  using work = scratch();
  const dir = join(work.path, 'out');
  await using server = await pictureServer((path, response, turn) => {
    // The first try of every third breaks; one never answers at all.
    if (path.includes('silent')) return true;
    if (turn === 1 && path.endsWith('3.jpg')) response.destroy();
    return response.destroyed;
  });
  const realNow = Date.now;
  let reads = 0;
  // A day forward, a day back, at every look.
  t.mock.method(Date, 'now', () => realNow() + (reads++ % 2 === 0 ? dayMs : -dayMs));
  const answered = server.items(30, 3000);
  const items = [...answered, server.item('/3000/silent.jpg', 31)];
  const spec = resolveRunSpec({ dir, strategy: 'async', timeoutMs: 4000, name: '{name}.{ext}' });

  const begun = performance.now();
  const first = startRun(spec, { items });
  const waits: number[] = [];
  for await (const event of first) {
    if (event.event !== 'outcome') continue;
    const { wait, firstByte, body, write } = event.ms;
    waits.push(wait, firstByte, body, write);
    if (event.status === 'failed') assert.equal(event.error?.code, 'timeout');
  }
  const seconds = (performance.now() - begun) / 1000;
  const { saved, failed, seconds: told } = await first.summary;
  assert.deepEqual([saved, failed], [30, 1]);
  assert.ok(reads > 0, 'the clock was never looked at');
  assert.ok(seconds >= 4 && seconds < 30, `${seconds} s`);
  assert.ok(told > 0 && told <= seconds, `it says ${told} of ${seconds} s`);
  assert.ok(
    waits.every((ms) => ms >= 0 && ms <= seconds * 1000),
    waits.join(),
  );

  // Without the silent one, which is not waited for again.
  const { kept } = await startRun(spec, { items: answered }).summary;
  assert.equal(kept, 30);
  assert.equal(filesIn(dir).length, 30);
});
