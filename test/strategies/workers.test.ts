import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { InternalError, UsageError } from '../../src/index.ts';
import { needs } from '../support/needs.ts';
import { answer, Gate, pictureServer } from '../support/picture-server.ts';
import { startLibrary, type WireEvent } from '../support/run-library.ts';
import type { Sabotage } from '../support/saboteur.ts';
import { filesIn, partsIn, scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

const saboteur = new URL('../support/saboteur.ts', import.meta.url);

interface Circumstances {
  workers?: number;
  perWorker?: number;
  openFiles?: number;
  /** Nothing is answered before the run has said something: else it may be over before a slow start has failed. */
  isHeldUntilNote?: boolean;
}

/** A run of 12 items, one of them called `deadly`, whose workers are made to die. */
async function sabotaged(
  strategy: 'threads' | 'processes',
  sabotage: Omit<Sabotage, 'dir'>,
  { workers = 2, perWorker = 1, openFiles, isHeldUntilNote = false }: Circumstances = {},
): Promise<{
  events: WireEvent[];
  files: string[];
  parts: string[];
  warnings: WireEvent[];
  code: number | null;
}> {
  using work = scratch();
  using notes = scratch();
  const gate = new Gate();
  await using server = await pictureServer((path, response) => {
    gate.hold(() => answer(path, response));
    return true;
  });
  if (!isHeldUntilNote) gate.release();
  const sources = [...server.items(11, 3000), server.item('/3000/deadly.jpg', 12)].map(({ url }) => url);
  const options = { strategy, workers, perWorker, dir: work.path, name: '{name}.{ext}' };
  const plan = encodeURIComponent(
    JSON.stringify({ dir: notes.path, deadly: 'deadly', deaths: 0, ...sabotage }),
  );
  const { child, result } = startLibrary(
    { sources: sources.toReversed(), options },
    {
      openFiles,
      env: {
        NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${saboteur.href}?plan=${plan}`,
      },
    },
  );
  child.stdout!.on('data', (lines) => {
    if (String(lines).includes('"event":"note"')) gate.release();
  });
  const { code, events, stderr } = await result;
  // What a worker says when it dies is its own; nothing of it may come from the run itself.
  assert.doesNotMatch(stderr, /UnhandledPromiseRejection|dispatcher|worker-place/);
  const warnings = events.filter(({ event }) => event === 'note');
  return { events, files: filesIn(work.path), parts: partsIn(work.path), warnings, code };
}

const outcomesOf = (events: WireEvent[]) => events.filter(({ event }) => event === 'outcome');

for (const strategy of ['threads', 'processes'] as const) {
  describe(`${strategy} whose workers die`, { concurrency: true }, () => {
    it('a death in mid-run: its item goes to another, and it is said once', async () => {
      const { events, files, parts, warnings, code } = await sabotaged(strategy, { deaths: 2 });
      assert.equal(files.length, 12);
      assert.deepEqual(parts, []);
      assert.deepEqual(new Set(outcomesOf(events).map(({ key }) => key)).size, 12);
      assert.equal(outcomesOf(events).length, 12);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!.message!, /ended: (sabotage|killed by SIGKILL); its downloads go to another/);
      assert.deepEqual([events.at(-1)!.exitCode, code], [0, 0]);
    });

    it('an item that kills its worker each time fails after three deaths; the rest is done', async () => {
      const { events, files, warnings } = await sabotaged(strategy, { deaths: 99 });
      const failed = outcomesOf(events).filter(({ status }) => status === 'failed');
      assert.deepEqual(
        failed.map(({ url, error }) => [/\w+(?=\.jpg)/.exec(url!)![0], error!.code, error!.retryable]),
        [['deadly', 'worker-lost', true]],
      );
      assert.match(failed[0]!.error!.message, /3 times with this item/);
      assert.equal(files.length, 11);
      assert.equal(warnings.length, 1);
      assert.equal(events.at(-1)!.exitCode, 3);
    });

    it('what was beside the deadly item in its worker is not held against it', async () => {
      const { events, files } = await sabotaged(strategy, { deaths: 99 }, { workers: 1, perWorker: 5 });
      const failed = outcomesOf(events).filter(({ status }) => status === 'failed');
      assert.deepEqual(
        failed.map(({ url }) => /\w+(?=\.jpg)/.exec(url!)![0]),
        ['deadly'],
      );
      assert.equal(files.length, 11);
    });

    it('where only some can start, the run goes on with those, and it is said once', async () => {
      const { events, files, warnings } = await sabotaged(
        strategy,
        { failingStarts: [0, 1] },
        { workers: 3, isHeldUntilNote: true },
      );
      assert.equal(files.length, 12);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!.message!, /going on with the workers that do start/);
      assert.equal(events.at(-1)!.peakInFlight, 1);
    });

    it('where none can start, the run ends with an error of ours', async () => {
      const { events, files } = await sabotaged(strategy, { failingStarts: [0, 1, 2] }, { workers: 3 });
      assert.deepEqual(files, []);
      assert.deepEqual(
        events.map(({ event, name }) => name ?? event).filter((it) => it !== 'progress' && it !== 'note'),
        ['start', 'end', 'InternalError'],
      );
      assert.match(events.at(-1)!.message!, /^no worker could be started: .*exit code 1/);
      assert.equal(events.at(-2)!.exitCode, 1);
    });

    it('where the only one that there is ends while it starts, another is started', async () => {
      const { events, files, warnings } = await sabotaged(
        strategy,
        { failingStarts: [0, 1] },
        { workers: 1 },
      );
      assert.equal(files.length, 12);
      assert.deepEqual([events.at(-1)!.exitCode, warnings], [0, []]);
    });

    it('where the last one dies and no other can start, the run ends, too', async () => {
      const { events } = await sabotaged(
        strategy,
        { deaths: 1, failingStarts: [1, 2, 3, 4, 5] },
        { workers: 1 },
      );
      assert.equal(events.at(-1)!.name, 'InternalError');
    });
  });
}

it('a worker that finds no open files left when it starts is one less, and no reason to end the run', {
  skip: needs(process.platform !== 'win32', 'no ulimit'),
}, async () => {
  const { events, files, warnings } = await sabotaged(
    'processes',
    { starvedStarts: [0] },
    { openFiles: 200, isHeldUntilNote: true },
  );
  assert.equal(files.length, 12);
  assert.equal(events.at(-1)!.exitCode, 0);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!.message!, /too many open files.*; going on with the workers that do start/);
});

it('processes that cannot even be spawned end the run with an error of ours', async () => {
  using work = scratch();
  const { execPath } = process;
  process.execPath = '/nowhere/node';
  try {
    const spec = resolveRunSpec({ dir: work.path, strategy: 'processes', workers: 3 });
    await using server = await pictureServer();
    await assert.rejects(
      startRun(spec, { items: server.items(5, 1000) }).summary,
      (error) => error instanceof InternalError && /ENOENT/.test(error.message),
    );
    assert.deepEqual(server.requests, []);
  } finally {
    process.execPath = execPath;
  }
});

it('a worker that cannot build its downloader says why, and is not left running', async () => {
  using work = scratch();
  await using server = await pictureServer();
  for (const strategy of ['threads', 'processes'] as const) {
    const cookiesFile = fileURLToPath(new URL('no-such-cookies.txt', import.meta.url));
    const spec = resolveRunSpec({ dir: work.path, strategy, workers: 2, cookiesFile });
    await assert.rejects(startRun(spec, { items: server.items(3, 1000) }).summary, UsageError);
  }
  assert.deepEqual(server.requests, []);
});
