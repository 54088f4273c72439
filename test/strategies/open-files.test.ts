import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { FileCeiling } from '../../src/strategies/file-ceiling.ts';
import { fewOpenFiles } from '../soak/limits/open-files.ts';
import { sources } from '../soak/program.ts';
import { needs } from '../support/needs.ts';
import { answer, pictureServer } from '../support/picture-server.ts';
import { runLibrary } from '../support/run-library.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const noLimit = needs(process.platform !== 'win32', 'no ulimit');

/** A run of `count` pictures, each of which takes 20 ms, in a process that may have 60 open files. */
async function runWithFewFiles(strategy: 'async' | 'auto', count: number) {
  using work = scratch();
  await using server = await pictureServer((path, response) => {
    setTimeout(() => answer(path, response), 20);
    return true;
  });
  const sources = server.items(count, 3000).map(({ url }) => url);
  const options = { strategy, dir: work.path, name: '{name}.{ext}', retries: 0 } as const;
  const { code, events, stderr } = await runLibrary({ sources, options }, { openFiles: 60 });
  assert.deepEqual([code, stderr], [0, '']);
  return { events, files: filesIn(work.path) };
}

test('a machine that allows too few open files gets fewer downloads at once, and all of them', {
  skip: noLimit,
}, async () => {
  const { events, files } = await runWithFewFiles('async', 120);
  const { saved, failed, peakInFlight } = events.at(-1)!;
  assert.deepEqual([saved, failed], [120, 0]);
  assert.ok(peakInFlight! > 60, 'too many were tried');
  assert.equal(files.length, 120);
  assert.equal(new Set(events.filter(({ event }) => event === 'outcome').map(({ key }) => key)).size, 120);
  assert.deepEqual(
    events.filter(({ event }) => event === 'note').map(({ message }) => message),
    ['this machine allows no more open files; going on with fewer downloads at once'],
  );
});

test('auto says that open files were the limit, and takes it for no want of memory', {
  skip: noLimit,
}, async () => {
  const { events } = await runWithFewFiles('auto', 300);
  const { saved, reason } = events.at(-1)!;
  assert.deepEqual([saved, reason], [300, 'this machine allows no more open files']);
});

describe('of 200 at once where 64 files may be open none is lost', { concurrency: true }, () => {
  for (const strategy of ['threads', 'processes', 'auto'] as const) {
    it(strategy, { skip: noLimit }, async () => {
      await fewOpenFiles({ program: sources, strategy, items: 150, concurrency: 200, openFiles: 64 });
    });
  }
});

test('an item that never gets a file fails in the end', () => {
  const files = new FileCeiling();
  const work = {};
  const comesBack = Array.from({ length: 13 }, () => files.lower(work, 1));
  assert.deepEqual(comesBack, [...Array(12).fill(true), false]);
  assert.equal(files.limit, 1);
  assert.equal(files.lower({}, 1), true);
});
