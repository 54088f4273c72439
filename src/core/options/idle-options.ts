import { formatOfName } from '../input-format.ts';
import type { RunSpec } from '../run-spec.ts';
import { writesAnew } from '../stage.ts';
import { defaultRunSpec, runOptions } from './options.ts';
import { longFlag } from './run-option.ts';

type Key = keyof RunSpec;

interface Need {
  keys: readonly Key[];
  /** Whether they do anything in that run. */
  isMet(spec: RunSpec): boolean;
  /** What is said where it is not, after "has no effect". */
  words: string;
}

/** What options need of the others to do anything. */
const needs: readonly Need[] = [
  { keys: ['inputFormat'], isMet: ({ input }) => input.length > 0, words: 'without --input' },
  {
    keys: ['urlColumn', 'captionColumn', 'columns', 'digestColumn'],
    isMet: mayReadTable,
    words: 'where no input is a table',
  },
  {
    keys: ['concurrency'],
    isMet: ({ strategy }) => strategy === 'async' || strategy === 'auto',
    words: 'without --strategy async or auto',
  },
  {
    keys: ['workers', 'perWorker'],
    isMet: ({ strategy }) => strategy === 'threads' || strategy === 'processes',
    words: 'without --strategy threads or processes',
  },
  {
    keys: ['resizeMode', 'onlyIfBigger'],
    isMet: ({ resize }) => resize !== null,
    words: 'without --resize',
  },
  {
    keys: ['quality'],
    isMet: writesAnew,
    words: 'without --resize, --format, --strip-metadata or --frames first',
  },
  { keys: ['name'], isMet: ({ output }) => output === null, words: 'with --output' },
  {
    keys: ['info'],
    isMet: ({ output }) => output === null || output === 'files',
    words: 'with --output webdataset or parquet',
  },
  { keys: ['shardSize', 'ignoreRobots'], isMet: ({ output }) => output !== null, words: 'without --output' },
];

/** What has no ending may be a folder, with tables in it. */
function mayReadTable({ input, inputFormat }: RunSpec): boolean {
  if (inputFormat !== null) return input.length > 0 && inputFormat !== 'list';
  return input.some((name) => name !== '-' && formatOfName(name) !== 'list');
}

/**
 * What to say of those among the options `given` that do nothing in a run with `options`, one text each, in the order of the help. A switch
 * that is off may well do nothing.
 */
export function idleOptions(given: readonly Key[], options: Partial<RunSpec>): string[] {
  const spec: RunSpec = { ...defaultRunSpec, ...options };
  return runOptions
    .filter(({ key }) => given.includes(key) && spec[key] !== false)
    .flatMap((option) => {
      const need = needs.find(({ keys }) => keys.includes(option.key));
      return need === undefined || need.isMet(spec)
        ? []
        : [`${longFlag(option)} has no effect ${need.words}`];
    });
}
