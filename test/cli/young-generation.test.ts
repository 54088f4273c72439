import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/**
 * A process whose young generation is as large as it should become, and which keeps more than that: says how large it
 * became. The collection before the work is the one after which a bound is set.
 */
const busy = `
  import { setImmediate as turn } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  if (process.argv[1] === 'bounded') {
    const { boundYoungGeneration } = await import('${new URL('../../src/cli/young-generation.ts', import.meta.url)}');
    boundYoungGeneration();
  }
  gc({ type: 'minor' });
  await turn();
  await turn();
  const kept = [];
  for (let n = 0; n < 1_000_000; n += 1) kept.push({ n, text: [n, n, n, n] });
  const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  console.log(space_size / 2 ** 20);
`;

function mebibytes(word: string): number {
  const flags = ['--expose-gc', '--min-semi-space-size=16', '--input-type=module', '-e', busy, '--', word];
  return Number(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
}

test('the young generation of the command grows to two times 16 MiB and no further', () => {
  assert.equal(mebibytes('bounded'), 32);
  // Without it, it would: else this would prove nothing.
  const free = mebibytes('as V8 likes it');
  assert.ok(free > 32, `${free} MiB`);
});
