import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { StrategyName, Summary } from '../../src/index.ts';
import { instantNetwork } from '../../src/origin/options.ts';
import { spawnOrigin } from '../../src/origin/spawn-origin.ts';
import { descendants, hasProc, residentBytes } from '../support/processes.ts';
import { filesIn, scratch } from '../support/scratch.ts';
import { type LoadItems, loadItems } from './load-items.ts';
import type { LoadJob, LoadMessage } from './load-messages.ts';
import { slope } from './memory-growth.ts';
import type { Program } from './program.ts';

export interface LoadPlan {
  program: Pick<Program, 'library'>;
  strategy: StrategyName;
  items: number;
  seed: number;
}

export interface LoadFigures {
  items: number;
  faults: number;
  saved: number;
  failed: number;
  seconds: number;
  /**
   * The rest is zero where too few items came after the warm-up to tell. In use after a collection, at the last
   * measurement.
   */
  heapBytes: number;
  /** Of the run's process. */
  rssBytes: number;
  /** Of all its worker processes. */
  workersRssBytes: number;
  /** Growth after the warm-up, in bytes for each item more. */
  heapSlope: number;
  rssSlope: number;
  workersRssSlope: number;
  /** From the last word of the run to the end of its process, without anybody's help. */
  endMs: number;
}

/** The same number in flight for all. */
const inFlight = { concurrency: 100, workers: 4, perWorker: 25 };
const share = 0.05;
/** Items by which everything has been loaded, compiled and filled that only grows once. */
const warmUp = 10_000;
/** Fewer measurements than that after the warm-up are no line. */
const fewestSamples = 6;

/**
 * V8 collects late where there is much memory: on a large machine every process takes some 200 MB before it bothers.
 * With the heap of a small one what grows is seen to grow. It is what workers get, too.
 */
const smallMachine = '--max-old-space-size=128 --max-semi-space-size=4';

/**
 * What may come with each item more. The keys of a run are remembered, in 52 bits in a set, some 40 bytes each (the
 * set's table doubles at times, so that a piece of the line may be steeper). The resident set has, beside the heap,
 * what the allocator holds in reserve, and breathes by some megabytes.
 */
const mostHeapSlope = 120;
const mostRssSlope = 400;
const mostEndMs = 2000;

interface Sample {
  seen: number;
  heapBytes: number;
  rssBytes: number;
  workersRssBytes: number;
}

/**
 * Many small pictures from the embedded origin, one in twenty of them with a fault. Throws unless every item has
 * exactly one outcome, the right one for its fault, with the right bytes; where memory grows with the items; and
 * where the process does not end by itself with everything closed.
 */
export async function load({ program, strategy, items: count, seed }: LoadPlan): Promise<LoadFigures> {
  using work = scratch();
  const origin = await spawnOrigin({ images: 40, bytes: 2000, kinds: ['jpeg'], seed, ...instantNetwork });
  try {
    const pictures = await picturesOf(origin.url, origin.albumId);
    const items = loadItems({ count, share, seed }, new URL(origin.url), pictures);
    const input = join(work.path, 'list');
    const list = openSync(input, 'w');
    for (let index = 1; index <= count; index += 1) writeSync(list, `${items.url(index)}\n`);
    closeSync(list);
    const dir = join(work.path, 'out');
    const options = {
      strategy,
      dir,
      input,
      ...inFlight,
      name: '{index}.{ext}',
      retries: 1,
      maxBytes: 1_000_000,
    };
    const run = await perform(
      { library: program.library, options, sampleEvery: Math.min(2500, count / 4) },
      items,
      count,
    );
    assertRightBytes(dir, run.paths, items, await digests(origin.url, pictures));
    const { summary, endMs, samples } = run;
    const { saved, failed, seconds } = summary;
    return { items: count, faults: items.faults, saved, failed, seconds, endMs, ...memory(samples, count) };
  } finally {
    await origin.close();
  }
}

/** Runs it, and holds each outcome against what was expected when it comes. */
async function perform(job: LoadJob, items: LoadItems, count: number) {
  const entry = fileURLToPath(new URL('./load-process.ts', import.meta.url));
  const words = ['--disable-warning=ExperimentalWarning', entry, JSON.stringify(job)];
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NO_PROXY: '*', NODE_OPTIONS: smallMachine },
  });
  const exit = once(child, 'exit').then(([code]) => ({ code: code as number | null, at: performance.now() }));
  const stderr = text(child.stderr);
  const paths: (string | null | undefined)[] = Array(count + 1);
  const samples: Sample[] = [];
  let end: { summary: Summary; at: number } | undefined;
  let open: { before: string[]; after: string[] } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const message: LoadMessage = JSON.parse(line);
    if (message.type === 'end') end = { ...message, at: performance.now() };
    else if (message.type === 'open') {
      open = message;
      setTimeout(() => child.kill('SIGKILL'), 10 * mostEndMs).unref();
    } else if (message.type === 'sample') {
      const { seen, heapBytes } = message;
      samples.push({ seen, heapBytes, ...resident(child.pid!) });
    } else {
      const { index, status, code, attempts, path } = message;
      const { picture: _, ...expected } = items.expected(index);
      assert.deepEqual({ status, attempts, ...(code && { code }) }, expected, items.url(index));
      assert.equal(paths[index], undefined, `item ${index} has two outcomes`);
      paths[index] = path;
    }
  }
  const { code, at } = await exit;
  assert.deepEqual([code, await stderr], [0, '']);
  assert.ok(end !== undefined && open !== undefined);
  const { summary } = end;
  assert.equal(
    paths.findIndex((path, index) => index > 0 && path === undefined),
    -1,
    'an item has no outcome',
  );
  assert.equal(summary.saved + summary.failed, count);
  assert.deepEqual(open.after, open.before, 'something is open that was not before the run');
  const endMs = at - end.at;
  assert.ok(endMs < mostEndMs, `the process ended ${endMs} ms after its run`);
  return { paths, samples, summary, endMs };
}

function resident(pid: number): Pick<Sample, 'rssBytes' | 'workersRssBytes'> {
  if (!hasProc) return { rssBytes: 0, workersRssBytes: 0 };
  const workers = descendants(pid).map((it) => residentBytes(it.pid).now);
  return {
    rssBytes: residentBytes(pid).now,
    workersRssBytes: workers.reduce((sum, bytes) => sum + bytes, 0),
  };
}

type Memory = Pick<
  LoadFigures,
  'heapBytes' | 'rssBytes' | 'workersRssBytes' | 'heapSlope' | 'rssSlope' | 'workersRssSlope'
>;

/** `count` outcomes there were: with the last of them the run has let go of what it held. */
function memory(samples: readonly Sample[], count: number): Memory {
  const inRun = samples.filter(({ seen }) => seen < count);
  const warm = inRun.filter(({ seen }) => seen >= warmUp);
  const grown = (field: 'heapBytes' | 'rssBytes' | 'workersRssBytes', most: number) => {
    if (warm.length < fewestSamples) return 0;
    const rise = slope(warm.map((sample) => [sample.seen, sample[field]]));
    const said = () => warm.map((sample) => `${(sample[field] / 1e6).toFixed(1)}`).join(', ');
    assert.ok(rise < most, `${field} grows by ${rise.toFixed()} bytes an item: ${said()} MB`);
    return rise;
  };
  const { heapBytes, rssBytes, workersRssBytes } = inRun.at(-1)!;
  return {
    heapBytes,
    rssBytes,
    workersRssBytes,
    heapSlope: grown('heapBytes', mostHeapSlope),
    rssSlope: grown('rssBytes', mostRssSlope),
    workersRssSlope: grown('workersRssBytes', mostRssSlope),
  };
}

async function picturesOf(url: string, albumId: string): Promise<string[]> {
  const answer = await fetch(`${url}/3/album/${albumId}`, { headers: { authorization: 'Client-ID soak' } });
  const { data } = (await answer.json()) as { data: { images: { link: string }[] } };
  return data.images.map(({ link }) => link);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** By what `Expected.picture` says. */
async function digests(url: string, pictures: readonly string[]): Promise<Map<number | string, string>> {
  const digest = async (address: string) => sha256(await (await fetch(address)).bytes());
  const result = new Map<number | string, string>();
  for (const [n, picture] of pictures.entries()) result.set(n, await digest(picture));
  result.set('jpeg', await digest(`${url}/fault/ok/it.jpg`));
  result.set('png', await digest(`${url}/fault/png/it.png`));
  assert.equal(new Set(result.values()).size, pictures.length + 2, 'two pictures are the same');
  return result;
}

function assertRightBytes(
  dir: string,
  paths: readonly (string | null | undefined)[],
  items: LoadItems,
  digest: ReadonlyMap<number | string, string>,
): void {
  let saved = 0;
  for (const [index, path] of paths.entries()) {
    if (path === undefined || path === null) continue;
    saved += 1;
    const { picture } = items.expected(index);
    assert.equal(sha256(readFileSync(join(dir, path))), digest.get(picture!), items.url(index));
  }
  assert.equal(filesIn(dir).length, saved, 'files that are of no item');
}
