import { UsageError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { runOptions } from '../core/options/options.ts';
import { configName } from '../core/options/run-option.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { stageKeys } from '../core/stage.ts';
import type { TableColumn } from '../core/table-columns.ts';
import { storedTypes } from './columns.ts';

/** Of a run's options, those that decide what stands in its shards. */
const deciding = [
  'output',
  'shardSize',
  ...stageKeys,
  'hash',
  'minSize',
  'maxAspect',
  'maxPixels',
  'mime',
  'svg',
  'anyType',
  'duplicates',
  'ignoreRobots',
  'captionColumn',
  'urlColumn',
  'columns',
] as const satisfies readonly (keyof RunSpec)[];

export type PackSpec = Pick<RunSpec, (typeof deciding)[number] | 'dir' | 'fsync'> & {
  output: NonNullable<RunSpec['output']>;
  /** Those of the input's rows, with the types that hold all their values: every shard has them, and no others. */
  tableColumns: readonly TableColumn[];
};

/** Of a run's options those that packing needs, and nothing else of them. */
export function packSpecOf(spec: PackSpec): PackSpec {
  const entries = ([...deciding, 'dir', 'fsync', 'tableColumns'] as const).map((key) => [key, spec[key]]);
  return Object.fromEntries(entries) as PackSpec;
}

/**
 * What shards were made with: options by their names in the configuration file, and as `columnTypes` the columns of the
 * input, in their order, with what they are in every shard.
 */
export type Settings = Record<string, Json>;

const columnTypes = 'columnTypes';

export function settingsOf(spec: PackSpec): Settings {
  const settings: Settings = {};
  for (const key of deciding) {
    // How to resize says nothing where nothing is resized.
    if (spec.resize === null && (key === 'resizeMode' || key === 'onlyIfBigger')) continue;
    settings[nameOf(key)] = spec[key] as Json;
  }
  settings[columnTypes] = spec.tableColumns.map(({ name, type }) => [name, storedTypes[type]]);
  return settings;
}

/** Throws a `UsageError` where what stands in `where` was made with other options, or has other columns. */
export function checkSettings(made: Settings, now: Settings, where: string): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(made)])) {
    if (name === columnTypes) continue;
    const [then, here] = [JSON.stringify(made[name] ?? null), JSON.stringify(now[name] ?? null)];
    if (then === here) continue;
    throw new UsageError(`the shards in ${where} were made with "${name}": ${then}, this run has ${here}`, {
      code: 'other-shards',
      hint: 'use the same options, or another directory with -d',
    });
  }
  checkColumns(made[columnTypes], now[columnTypes], where);
}

function checkColumns(made: Json | undefined, now: Json | undefined, where: string): void {
  if (JSON.stringify(made) === JSON.stringify(now)) return;
  throw new UsageError(`the shards in ${where} ${otherColumns(made, now)}`, {
    code: 'other-shards',
    hint: 'use the same input, or another directory with -d; rows that are added must have columns of the same types',
  });
}

/** The first column that is another, in words. */
function otherColumns(made: Json | undefined, now: Json | undefined): string {
  if (!Array.isArray(made) || !Array.isArray(now)) {
    return 'were made by an earlier version, in which a column could have another type in every shard';
  }
  const [then, here] = [made, now].map((columns) => new Map(columns as [name: string, type: string][]));
  for (const [name, type] of here!) {
    const before = then!.get(name);
    if (before === undefined) return `have no column '${name}', and the input has one`;
    if (before !== type) return `have the column '${name}' as ${before}, and in the input it is ${type}`;
  }
  const gone = [...then!.keys()].find((name) => !here!.has(name));
  return gone === undefined
    ? 'have the columns of the input in another order'
    : `have a column '${gone}', and the input has none`;
}

function nameOf(key: keyof RunSpec): string {
  const option = runOptions.find((one) => one.key === key);
  return option === undefined ? key : configName(option);
}
