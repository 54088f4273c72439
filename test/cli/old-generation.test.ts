import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/**
 * A process that keeps 120 MB and lets go again and again of what lived long enough to be among it: says how many
 * megabytes its old generation took at most.
 */
const busy = `
  import { setImmediate as turn } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  import { boundOldGeneration } from '${new URL('../../src/cli/old-generation.ts', import.meta.url)}';
  boundOldGeneration();
  const piece = (n) => [n, n + 0.5, [n], { n }];
  const kept = Array.from({ length: 600_000 }, (_, n) => piece(n));
  const passing = Array.from({ length: 100_000 });
  // How long until the first collection is a matter of its own.
  gc();
  await turn();
  await turn();
  // With the bound, if there is one.
  gc();
  let most = 0;
  for (let n = 0; n < 4_000_000; n += 1) {
    passing[n % passing.length] = piece(n);
    if (n % 100_000 !== 0) continue;
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space');
    most = Math.max(most, space_size);
  }
  console.log(most / 1e6, kept.length);
`;

function megabytes(): number {
  // So that a collection begins where it is due, and not when a thread comes to it.
  const flags = [
    '--expose-gc',
    '--single-threaded-gc',
    '--no-incremental-marking',
    '--input-type=module',
    '-e',
    busy,
  ];
  return Number.parseFloat(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
}

test('the old generation of the command is not left to grow to several times what is alive', () => {
  // 500 where V8 may have its way.
  const most = megabytes();
  assert.ok(most < 300, `${most} MB`);
});
