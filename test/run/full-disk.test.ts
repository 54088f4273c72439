import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import { fullDisk } from '../soak/limits/full-disk.ts';
import { sources as program } from '../soak/program.ts';
import { filesBelow } from '../support/downloads.ts';
import { needs } from '../support/needs.ts';
import { giveSome, large, segmentServer } from '../support/segment-server.ts';
import { startRun } from '../support/start-run.ts';
import { tinyDisk } from '../support/tiny-disk.ts';

const probe = tinyDisk(100_000);
probe?.[Symbol.dispose]();
const skip = needs(probe !== null, 'this user cannot mount a small file system');

for (const strategy of ['async', 'threads', 'processes'] as const) {
  test(`${strategy}: a disk that becomes full ends the run with 5, nothing torn, nothing left over; with room it goes on`, {
    skip,
  }, async () => {
    await fullDisk({ program, strategy, items: 60, diskBytes: 5_000_000 });
  });
}

test('a disk that becomes full under a file in segments ends the run without another try, and keeps nothing of it', {
  skip,
  // The first connection is not waited for.
  timeout: 10_000,
}, async () => {
  using disk = tinyDisk(5_000_000)!;
  let isFirst = true;
  // The disk refuses what the other connections bring, while the first one waits.
  await using server = await segmentServer((asked, response) => {
    if (!isFirst || asked.to !== null) return false;
    giveSome(asked, response, 100_000, false);
    return true;
  });
  const items = [{ key: 'a', url: `${server.url}/a.jpg`, name: 'a', index: 1, reach: ['loopback' as const] }];
  const spec = { ...defaultRunSpec, dir: disk.path, segments: 4, retries: 3 };
  const run = () => startRun(spec, { items }).summary;
  await assert.rejects(run(), { name: 'DiskError', code: 'no-space', exitCode: 5 });
  assert.equal(server.requests.length, 4);
  assert.deepEqual(
    filesBelow(disk.path).filter((file) => !file.startsWith('.gallop/journal')),
    [],
  );

  disk.grow(40_000_000);
  isFirst = false;
  assert.equal((await run()).saved, 1);
  assert.equal(server.requests.length, 8);
  const [file] = filesBelow(disk.path).filter((each) => each.endsWith('.jpg'));
  assert.ok(fs.readFileSync(path.join(disk.path, file!)).equals(large));
});
