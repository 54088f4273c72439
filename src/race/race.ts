import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import type { NoteEvent, RaceEvent, RaceRunEvent, RunEvent } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec, StrategyName } from '../core/run-spec.ts';
import type { EventQueue } from '../run/event-queue.ts';
import { aboutRace } from './about.ts';
import { RunCollector } from './collect.ts';
import { explain, winners } from './explain.ts';
import { figuresOf, identicalTrees } from './figures.ts';
import type { RunMeasurement } from './measurement.ts';
import { checkRaceDirectory, freshRaceDirectory } from './race-directory.ts';
import { checkReportFile, writeReport } from './report-files.ts';
import { type RunChildOptions, runInChild } from './run-child.ts';
import { treeDigest } from './tree-digest.ts';

export interface RaceSettings {
  strategies: StrategyName[];
  /** Runs of each strategy. */
  runs: number;
  /** An HTML page to write, with a picture (`.svg`) beside it; null for none. */
  reportFile: string | null;
}

export interface RaceContext {
  /** The listing, made once: every run gets the same. */
  items: readonly Item[];
  signal?: AbortSignal;
  /** `process.env` unless given. */
  environment?: Record<string, string | undefined>;
}

export type RaceQueue = EventQueue<RaceRunEvent | RaceEvent | NoteEvent>;

/**
 * Runs every strategy `runs` times on the same items, each run in a process of its own and in a fresh
 * directory `<spec.dir>/<strategy>-<run>`. Run 1 of every strategy comes before run 2 of any, and each
 * round begins with another strategy, so that none always has the cold caches.
 *
 * The events of the runs go to `queue`, tagged, and the `race` event last, which is also the result. A run
 * whose process dies counts as failed and is told as a note. Rejects with a UsageError or DiskError that
 * would end every run, and with an InterruptedError when `signal` aborts; then no report is written.
 */
export async function performRace(
  spec: RunSpec,
  settings: RaceSettings,
  context: RaceContext,
  queue: RaceQueue,
): Promise<RaceEvent> {
  const { strategies, runs, reportFile } = settings;
  checkSettings(settings);
  if (reportFile !== null) await checkReportFile(reportFile);
  const turns = turnsOf(strategies, runs);
  const dirOf = ({ strategy, run }: Turn) => join(spec.dir, `${strategy}-${run}`);
  for (const turn of turns) await checkRaceDirectory(dirOf(turn));

  const measurements: RunMeasurement[] = [];
  for (const turn of turns) {
    const dir = dirOf(turn);
    await freshRaceDirectory(dir);
    measurements.push(await measuredRun({ ...spec, dir }, turn, context, queue));
  }

  const figures = figuresOf(strategies, measurements);
  const identical = identicalTrees(measurements);
  const result: RaceEvent = {
    event: 'race',
    results: figures.map((each) => each.result),
    fastest: winners(figures)[0]!.result.strategy,
    identical,
    explanation: explain(figures, identical, { cores: availableParallelism() }),
  };
  if (reportFile !== null) {
    await writeReport(reportFile, { result, figures, about: aboutRace(spec, settings) });
  }
  await queue.push(result);
  return result;
}

function checkSettings({ strategies, runs }: RaceSettings): void {
  if (strategies.length === 0) throw new UsageError('a race needs at least one strategy');
  if (new Set(strategies).size < strategies.length) throw new UsageError('a strategy is named twice');
  if (!Number.isSafeInteger(runs) || runs < 1 || runs > 1000) {
    throw new UsageError('runs must be a whole number from 1 to 1000');
  }
}

interface Turn {
  strategy: StrategyName;
  run: number;
}

/** Who runs when: all of run 1, then all of run 2, each round begun by the next strategy. */
export function turnsOf(strategies: readonly StrategyName[], runs: number): Turn[] {
  return Array.from({ length: runs }, (_, round) => {
    const first = round % strategies.length;
    return [...strategies.slice(first), ...strategies.slice(0, first)].map((strategy) => ({
      strategy,
      run: round + 1,
    }));
  }).flat();
}

async function measuredRun(
  spec: RunSpec,
  turn: Turn,
  context: RaceContext,
  queue: RaceQueue,
): Promise<RunMeasurement> {
  const collector = new RunCollector(turn.strategy, turn.run);
  const tell = (event: RunEvent) => queue.push({ ...event, ...turn });
  const options: RunChildOptions = {
    items: context.items,
    signal: context.signal ?? new AbortController().signal,
    environment: context.environment ?? process.env,
    onEvent: (event) => {
      collector.add(event);
      return tell(event);
    },
  };
  // The items are listed already, and a list of failed items would be overwritten by every run.
  const ownSpec = { ...spec, strategy: turn.strategy, input: [], failedFile: null };
  const end = await runInChild(ownSpec, options);
  const tree = await treeDigest(spec.dir, collector.saved);
  if (!end.died) return collector.finish(end.summary, end.usage, tree);
  const message = `the process of ${turn.strategy}, run ${turn.run}, ${end.reason}; the race goes on`;
  await tell({ event: 'note', level: 'warning', message } satisfies NoteEvent);
  return collector.died(end.seconds, context.items.length, tree);
}
