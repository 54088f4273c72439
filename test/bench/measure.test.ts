import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { measure } from '../../bench/measure.ts';
import { jpegs } from '../../bench/pictures.ts';
import { Workspace } from '../../bench/workspace.ts';
import { scratch } from '../support/scratch.ts';

test('CPU time is that of the whole tree of processes; what they say is kept apart from it', async () => {
  using work = scratch();
  using workspace = new Workspace(work.path);
  const burn = 'while (process.cpuUsage().user < 300_000);';
  const parent = `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}])`;
  const speak = `process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 4;`;
  const words = [process.execPath, '-e', `${parent}; ${speak}`];
  const { seconds, cpuSeconds, exitCode, stdout, stderr } = await measure(workspace, { words });
  assert.ok(cpuSeconds >= 0.3, `${cpuSeconds}`);
  assert.ok(seconds >= 0.3, `${seconds}`);
  assert.deepEqual([exitCode, stdout, stderr], [4, 'out', 'err']);
});

test('the pictures are JPEGs of just that size, all different, that decode', async () => {
  for (const bytes of [1000, 26_000, 400_000]) {
    const jpeg = await jpegs(bytes);
    const [first, second] = [jpeg(0), jpeg(1)];
    assert.deepEqual([first.length, second.length], [bytes, bytes]);
    assert.notDeepEqual(first, second);
    for (const picture of [first, second]) {
      assert.equal(picture.toString('latin1', 6, 10), 'JFIF');
      await sharp(picture, { failOn: 'warning' }).raw().toBuffer();
    }
  }
});
