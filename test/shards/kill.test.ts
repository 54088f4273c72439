import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { randomNumbers } from '../soak/random.ts';
import { filesIn, scratch, until } from '../support/scratch.ts';

const program = fileURLToPath(new URL('pack-process.ts', import.meta.url));
const rows = 600;
const kills = 8;

function start(dir: string, spec: object): ChildProcess {
  const child = spawn(process.execPath, [program, JSON.stringify({ dir, rows, spec })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout!.resume();
  return child;
}

const bytesIn = (dir: string) =>
  Object.fromEntries(
    filesIn(dir)
      .filter((file) => !file.endsWith('_stats.json'))
      .map((file) => [file, fs.readFileSync(path.join(dir, file)).toString('base64')]),
  );

/** What is in the directory and below it: it changes with every file that comes, goes, or gets its name. */
const stateOf = (dir: string) => {
  const walk = (below: string): string[] =>
    fs.readdirSync(below, { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(below, entry.name);
      return entry.isDirectory() ? [file, ...walk(file)] : [file];
    });
  try {
    return walk(dir).length;
  } catch {
    // Something went while it was looked at.
    return -1;
  }
};

describe('kill -9 while shards are packed, then the same again', { concurrency: 2 }, () => {
  for (const [n, output] of (['webdataset', 'parquet', 'files'] as const).entries()) {
    it(`${output}: the bytes of a run that nobody killed`, async () => {
      using killed = scratch();
      using whole = scratch();
      const spec = { output, duplicates: 'digest', shardSize: 100 };
      const random = randomNumbers(n + 1);
      let found = 0;
      for (let kill = 0; kill < kills; kill += 1) {
        const child = start(killed.path, spec);
        const gone = once(child, 'exit');
        const before = stateOf(killed.path);
        await until(() => child.exitCode !== null || stateOf(killed.path) !== before);
        // So many looks later, which is a moment of its own for each.
        for (let looks = Math.floor(random() * 40); looks > 0 && child.exitCode === null; looks -= 1) {
          stateOf(killed.path);
          await new Promise((resolve) => setImmediate(resolve));
        }
        child.kill('SIGKILL');
        const [, signal] = await gone;
        if (signal === 'SIGKILL') found += 1;
        // Whatever has its statistics has its files.
        for (const file of filesIn(killed.path).filter((one) => one.endsWith('_stats.json'))) {
          const { gallop } = JSON.parse(fs.readFileSync(path.join(killed.path, file), 'utf8'));
          for (const { path: name, bytes } of gallop.files) {
            assert.equal(fs.statSync(path.join(killed.path, name)).size, bytes);
          }
        }
      }
      assert.ok(found >= 3, `only ${found} kills found it running`);
      for (const dir of [killed.path, whole.path]) {
        const [code] = await once(start(dir, spec), 'exit');
        assert.equal(code, 0);
      }
      assert.deepEqual(bytesIn(killed.path), bytesIn(whole.path));
      const left = fs.readdirSync(path.join(killed.path, '.gallop/shards'));
      assert.deepEqual(left, ['settings.json']);
    });
  }
});
