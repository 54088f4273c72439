import { existsSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { type StrategyName, strategyNames } from '../../src/index.ts';
import { hasProc } from '../support/processes.ts';
import { tinyDisk } from '../support/tiny-disk.ts';
import { killAndGoOn } from './kills.ts';
import { dyingWorkers } from './limits/deaths.ts';
import { fullDisk } from './limits/full-disk.ts';
import { smallHeap } from './limits/memory.ts';
import { fewOpenFiles } from './limits/open-files.ts';
import { goneReader, slowReader } from './limits/readers.ts';
import { interrupt } from './limits/signals.ts';
import { manyAtOnce } from './limits/two-at-once.ts';
import { load } from './load.ts';
import { built as program } from './program.ts';
import { serverKinds } from './slow-server.ts';
import { markdownTable, type Row } from './table.ts';

/**
 * `npm run soak`: the long form of what `npm test` tries shortly, of the built package. Prints its figures as
 * Markdown.
 */

const usage = 'node test/soak/soak.ts [--kills N] [--items N] [--seed S] [--only kills|load|limits]';
const parts = ['kills', 'load', 'limits'];
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '210' },
    items: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const [kills, items, seed] = [values.kills, values.items, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![kills, items, seed].every(Number.isSafeInteger) || (values.only && !parts.includes(values.only))) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
if (!existsSync(new URL(program.library))) {
  process.stderr.write('there is no dist/: run npm run build\n');
  process.exit(2);
}

const concurrent = strategyNames.filter((name) => name !== 'sync');
const megabytes = (bytes: number) => Number((bytes / 1e6).toFixed(1));
const say = (text: string) => process.stdout.write(`${text}\n`);
let failures = 0;

/** What it comes to; where something does not hold, that is said, counted, and undefined. */
async function attempt<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    failures += 1;
    say(`\n**Does not hold**: ${what}\n\n\`\`\`\n${error instanceof Error ? error.stack : error}\n\`\`\`\n`);
    return undefined;
  }
}

async function soakKills(): Promise<void> {
  const rows: Row[] = [];
  const plans = strategyNames.flatMap((strategy) => serverKinds.map((server) => ({ strategy, server })));
  const share = Math.ceil(kills / plans.length);
  for (const [n, { strategy, server }] of plans.entries()) {
    const sum = {
      kills: 0,
      parentAlone: 0,
      runs: 0,
      requests: 0,
      again: 0,
      mayBeAgain: 0,
      resumed: 0,
      orphanMs: 0,
    };
    // A few kills to a list; then a fresh one.
    for (let list = 0; sum.kills < share && list < share; list += 1) {
      const most = Math.min(7, share - sum.kills);
      const plan = { program, strategy, server, kills: most, seed: seed + 1000 * n + list };
      const figures = await attempt(`kills of ${strategy}, ${server} server, seed ${plan.seed}`, () =>
        killAndGoOn(plan),
      );
      if (figures === undefined) break;
      sum.runs += 1;
      for (const name of ['kills', 'parentAlone', 'requests', 'again', 'mayBeAgain', 'resumed'] as const) {
        sum[name] += figures[name];
      }
      sum.orphanMs = Math.max(sum.orphanMs, figures.orphanMs);
    }
    rows.push({
      strategy,
      server,
      kills: sum.kills,
      'parent alone': sum.parentAlone,
      'lists of 30 finished': sum.runs,
      'fetched again': sum.again,
      'in flight at the kills': sum.mayBeAgain,
      resumed: sum.resumed,
      'orphans lived, ms': strategy === 'processes' ? Math.round(sum.orphanMs) : '',
    });
  }
  say(`\n### Kills\n\n${markdownTable(rows)}`);
  say(`\n${rows.reduce((all, row) => all + Number(row.kills), 0)} kills in all.`);
}

async function soakLoad(): Promise<void> {
  const rows: Row[] = [];
  for (const strategy of concurrent) {
    const it = await attempt(`load of ${strategy}`, () => load({ program, strategy, items, seed }));
    if (it === undefined) continue;
    rows.push({
      strategy,
      items: it.items,
      faults: it.faults,
      saved: it.saved,
      failed: it.failed,
      'items/s': Math.round(it.items / it.seconds),
      'heap, MB': megabytes(it.heapBytes),
      'bytes/item': Math.round(it.heapSlope),
      'RSS, MB': megabytes(it.rssBytes),
      'bytes/item ': Math.round(it.rssSlope),
      "workers' RSS, MB": megabytes(it.workersRssBytes),
      'bytes/item  ': Math.round(it.workersRssSlope),
      'end, ms': Math.round(it.endMs),
    });
  }
  say(`\n### Load\n\n${markdownTable(rows)}`);
}

async function soakLimits(): Promise<void> {
  const rows: Row[] = [];
  const one = async (limit: string, strategy: StrategyName, run: () => Promise<object>) => {
    const figures = await attempt(`${limit}, ${strategy}`, run);
    if (figures === undefined) return;
    const text = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
    rows.push({ limit, strategy, figures: text.join(', ') });
  };
  const heap = { heapMegabytes: 128, concurrency: 100, mostResidentMegabytes: 800 };
  const canMount = canMountDisks();
  for (const strategy of strategyNames) {
    const plan = { program, strategy, seed };
    await one('ulimit -n 64, 200 in flight', strategy, () =>
      fewOpenFiles({ ...plan, items: 600, concurrency: 200, openFiles: 64 }),
    );
    await one('SIGINT and SIGTERM', strategy, () =>
      interrupt({ ...plan, signals: 4, endlessAt: 25, mostEndMs: 6000 }),
    );
    await one('the same directory at once', strategy, () => manyAtOnce({ ...plan, commands: 5 }));
    if (canMount) {
      await one('the disk becomes full', strategy, () =>
        fullDisk({ ...plan, items: 400, diskBytes: 40_000_000 }),
      );
    }
    if (strategy === 'sync') continue;
    await one('--max-old-space-size=128, small', strategy, () =>
      smallHeap({ ...plan, ...heap, items: 10_000, bytes: 2000 }),
    );
    await one('--max-old-space-size=128, large', strategy, () =>
      smallHeap({ ...plan, ...heap, items: 200, bytes: 10_000_000 }),
    );
    await one('--json | head -500', strategy, () => goneReader({ ...plan, items: 20_000 }));
    await one('--json to a slow reader', strategy, () => slowReader({ ...plan, items: 20_000 }));
    if (strategy === 'threads' || (strategy === 'processes' && hasProc)) {
      await one('workers die', strategy, () =>
        dyingWorkers({ ...plan, strategy, items: 15_000, itemsBetween: 600 }),
      );
    }
  }
  say(`\n### Limits\n\n${markdownTable(rows)}`);
  if (!canMount) say('\nNo full disk: this user cannot mount a small file system.');
}

function canMountDisks(): boolean {
  const disk = tinyDisk(100_000);
  disk?.[Symbol.dispose]();
  return disk !== null;
}

const begun = performance.now();
const [cpu] = os.cpus();
say(
  `Node ${process.version}, ${os.type()} ${os.release()}, ${os.availableParallelism()} cores (${cpu?.model}), seed ${seed}`,
);
const soaks: [name: string, soak: () => Promise<void>][] = [
  ['kills', soakKills],
  ['load', soakLoad],
  ['limits', soakLimits],
];
for (const [name, soak] of soaks) if (values.only === undefined || values.only === name) await soak();
say(`\n${((performance.now() - begun) / 60_000).toFixed(1)} minutes, ${failures} that did not hold`);
process.exitCode = failures === 0 ? 0 : 1;
