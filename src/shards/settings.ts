import { UsageError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { runOptions } from '../core/options/options.ts';
import { configName } from '../core/options/run-option.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { stageKeys } from '../core/stage.ts';

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
};

/** Of a run's options those that packing needs, and nothing else of them. */
export function packSpecOf(spec: PackSpec): PackSpec {
  const entries = ([...deciding, 'dir', 'fsync'] as const).map((key) => [key, spec[key]]);
  return Object.fromEntries(entries) as PackSpec;
}

/** What shards were made with, by the name of the option in the configuration file. */
export type Settings = Record<string, Json>;

export function settingsOf(spec: PackSpec): Settings {
  const settings: Settings = {};
  for (const key of deciding) {
    // How to resize says nothing where nothing is resized.
    if (spec.resize === null && (key === 'resizeMode' || key === 'onlyIfBigger')) continue;
    settings[nameOf(key)] = spec[key] as Json;
  }
  return settings;
}

/** Throws a `UsageError` where what stands in `where` was made with other options. */
export function checkSettings(made: Settings, now: Settings, where: string): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(made)])) {
    const [then, here] = [JSON.stringify(made[name] ?? null), JSON.stringify(now[name] ?? null)];
    if (then === here) continue;
    throw new UsageError(`the shards in ${where} were made with "${name}": ${then}, this run has ${here}`, {
      code: 'other-shards',
      hint: 'use the same options, or another directory with -d',
    });
  }
}

function nameOf(key: keyof RunSpec): string {
  const option = runOptions.find((one) => one.key === key);
  return option === undefined ? key : configName(option);
}
