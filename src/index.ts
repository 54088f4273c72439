/**
 * Gallop as a library. What the command does, it does with these functions alone.
 *
 * @example
 * import { download } from 'gallop';
 *
 * const run = download('https://imgur.com/a/abcdefg', { dir: 'pictures' });
 * for await (const event of run) {
 *   if (event.event === 'outcome') console.log(event.status, event.path);
 * }
 * const { saved, failed } = await run.summary;
 *
 * @module
 */
import type {
  NoteEvent,
  RaceEvent,
  RaceRunEvent,
  RepairEndEvent,
  RepairEvent,
  RunEvent,
  Running,
  Summary,
  VerifyEndEvent,
  VerifyEvent,
} from './core/events.ts';
import { type GivenRunSpec, resolveRunSpec } from './core/options/resolve-options.ts';
import { type RunSpec, type StrategyName, strategyNames } from './core/run-spec.ts';
import { stageKeys } from './core/stage.ts';
import type { OriginOptions } from './origin/options.ts';
import type { Origin } from './origin/origin.ts';
import type { WrittenReport } from './report/report.ts';
import { running } from './run/event-queue.ts';
import type { ListedItem } from './run/list.ts';

/** Every option of a run, in the units of its name; what is left out has the default of `runOptions`. */
export interface DownloadOptions extends Omit<GivenRunSpec, 'sources'> {
  /** Aborted: nothing new is begun, what is in flight has five seconds; exit code 130 where something was left undone. */
  signal?: AbortSignal;
  /** Where credentials and proxies come from; `process.env` unless given. */
  environment?: Record<string, string | undefined>;
  /** What `input: '-'` reads; `process.stdin` unless given. */
  stdin?: AsyncIterable<Uint8Array>;
}

export interface RaceOptions extends DownloadOptions {
  /** In the order of the results; all five unless given. */
  strategies?: StrategyName[];
  /** Runs of each strategy; 1 unless given. */
  runs?: number;
  /** Writes a self-contained page here, and a picture of its charts (`.svg`) beside it. */
  reportFile?: string | null;
}

export interface ListOptions extends DownloadOptions {
  /** Told what a person should know, such as a wait for a busy API. */
  onNote?: (level: NoteEvent['level'], message: string) => void;
}

export interface VerifyOptions {
  signal?: AbortSignal;
}

export interface ReportOptions {
  /** Where the page is written; null for no page. `report.html` in the directory unless given. */
  file?: string | null;
  signal?: AbortSignal;
}

/**
 * The options of a run that a repair does not take: names, places and what is made of pictures are settled, and nothing is listed. What `info`
 * wrote beside a file stays as it is.
 */
export const settledOptions = [
  'dir',
  'input',
  'inputFormat',
  'urlColumn',
  'captionColumn',
  'columns',
  'digestColumn',
  'name',
  'range',
  'prefer',
  'info',
  'imgurApi',
  ...stageKeys,
  'minSize',
  'maxAspect',
  'maxPixels',
  'mime',
  'duplicates',
  'output',
  'shardSize',
  'ignoreRobots',
] as const satisfies (keyof RunSpec)[];

/** The options of the run that fetches what is missing or changed. */
export type RepairOptions = Omit<DownloadOptions, (typeof settledOptions)[number] | 'stdin'>;

/** A source or several, as typed: URLs, `imgur:ID`, `demo:`. Empty where `options.input` has the list. */
export type Sources = string | readonly string[];

function split<T extends DownloadOptions>(sources: Sources, options: T) {
  const { signal, environment, stdin, ...rest } = options;
  const spec = { ...rest, sources: typeof sources === 'string' ? [sources] : [...sources] };
  const context = {
    ...(signal === undefined ? {} : { signal }),
    ...(environment === undefined ? {} : { environment }),
    ...(stdin === undefined ? {} : { stdin }),
  };
  return { spec, context };
}

/**
 * Downloads everything that the sources name. Begins at once; iterate over its events, or await its
 * `summary`, or both. The summary rejects with a `GallopError` where the run could not go on; items that
 * fail are outcomes. Throws a `UsageError` for options that cannot be right.
 */
export function download(sources: Sources, options: DownloadOptions = {}): Running<RunEvent, Summary> {
  const { spec, context } = split(sources, options);
  const resolved = resolveRunSpec(spec);
  return running(async (queue) => {
    const { performRun } = await import('./run/run.ts');
    return (await performRun(resolved, context, queue)).summary;
  });
}

/**
 * Downloads the same items under each strategy, each run in a process of its own and in a fresh directory
 * below `dir`, and compares. Lists once. The summary is the `race` event.
 */
export function race(
  sources: Sources,
  options: RaceOptions = {},
): Running<RaceRunEvent | RaceEvent | NoteEvent, RaceEvent> {
  const { strategies = [...strategyNames], runs = 1, reportFile = null, ...rest } = options;
  const { spec, context } = split(sources, rest);
  const resolved = resolveRunSpec(spec);
  return running(async (queue) => {
    const { raceSources } = await import('./race/race-sources.ts');
    return await raceSources(resolved, { strategies, runs, reportFile }, context, queue);
  });
}

/** What `download` would download, in order. Nothing of it is fetched, nothing is written. */
export async function* list(sources: Sources, options: ListOptions = {}): AsyncGenerator<ListedItem> {
  const { onNote, ...rest } = options;
  const { spec, context } = split(sources, rest);
  const { listedItems } = await import('./run/list.ts');
  yield* listedItems(resolveRunSpec(spec), context, onNote);
}

/** Hashes what is stored in a destination again, and compares it with the journal. */
export function verify(dir: string, options: VerifyOptions = {}): Running<VerifyEvent, VerifyEndEvent> {
  return running(async (queue) => {
    const { performVerify } = await import('./run/verify.ts');
    return await performVerify(dir, options, queue);
  });
}

/**
 * Verifies a destination, and fetches what is missing or changed again, each file under its old name. What is not
 * in the journal is left alone, and a changed file stays until its new one is whole. Throws a `UsageError` for
 * options that cannot be right.
 */
export function repair(dir: string, options: RepairOptions = {}): Running<RepairEvent, RepairEndEvent> {
  const { spec, context } = split('journal', options);
  const resolved = resolveRunSpec({ ...spec, dir });
  return running(async (queue) => {
    const { performRepair } = await import('./run/repair.ts');
    return await performRepair(resolved, context, queue);
  });
}

/**
 * Counts what the journal of a destination says, and writes one self-contained page of it, with thumbnails. Also while
 * a run is under way there, which is not kept waiting. Rejects with a `GallopError` where there is no journal, or the
 * page cannot be written.
 */
export async function report(dir: string, options: ReportOptions = {}): Promise<WrittenReport> {
  const { makeReport } = await import('./report/report.ts');
  return await makeReport(dir, options);
}

/**
 * Starts the embedded Imgur-compatible origin on the loopback, in this process. `options` as data, or as
 * the text that follows `demo:` (`?images=200&rtt=40ms`).
 */
export async function origin(options: string | Partial<OriginOptions> = {}): Promise<Origin> {
  const [{ startOrigin }, { parseOriginOptions }] = await Promise.all([
    import('./origin/origin.ts'),
    import('./origin/options.ts'),
  ]);
  return await startOrigin(typeof options === 'string' ? parseOriginOptions(options) : options);
}

export * from './core/errors.ts';
export type * from './core/events.ts';
export { type FailureCode, failures } from './core/failures.ts';
export type { AddressRange, Album, Expectation, Item, Json } from './core/item.ts';
export { idleOptions } from './core/options/idle-options.ts';
export { parseRange, parseSwitch } from './core/options/option-kinds.ts';
export { defaultRunSpec, type OptionGroup, optionGroups, runOptions } from './core/options/options.ts';
export { optionsFromConfig, optionsFromEnvironment } from './core/options/resolve-options.ts';
export { configName, environmentName, longFlag, type RunOption } from './core/options/run-option.ts';
export type { Failure, Outcome, Skip, SkipCode, Timings } from './core/outcome.ts';
export { printableUrl } from './core/printable-url.ts';
export { type IndexRange, type RunSpec, type StrategyName, strategyNames } from './core/run-spec.ts';
export type { Original, PictureFacts } from './core/stage.ts';
export { formatBytes, formatSeconds, parseDuration, parseRate, parseSize } from './core/units.ts';
export { version } from './core/version.ts';
export type * from './report/directory-report.ts';
export type { ListedItem, Origin, OriginOptions, WrittenReport };
