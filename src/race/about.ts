import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { usualCeiling } from '../core/host-ceilings.ts';
import type { RunSpec, StrategyName } from '../core/run-spec.ts';
import { stageOf } from '../core/stage.ts';
import { formatBytes } from '../core/units.ts';
import { things } from '../drawing/wording.ts';

/** What was raced where and how. Holds no path, no credential, no query of a URL: a report is shown around. */
export interface AboutRace {
  source: string;
  /** Such as `Node 24.1.0`. */
  runtime: string;
  /** Such as `Linux 6.1, x64`. */
  system: string;
  /** Such as `2 cores, AMD EPYC, 8.4 GB of memory`. */
  machine: string;
  /** Names and values, in the order in which they are shown. */
  settings: [name: string, value: string][];
  runs: number;
  /** ISO date and time, UTC, to the minute. */
  when: string;
}

export function aboutRace(
  spec: RunSpec,
  race: { strategies: readonly StrategyName[]; runs: number },
  now: Date = new Date(),
): AboutRace {
  return {
    source: sourceText(spec),
    runtime: `Node ${process.versions.node}`,
    system: `${type()} ${release()}, ${arch()}`,
    machine: machineText(),
    settings: settingsOf(spec, race.strategies),
    runs: race.runs,
    when: `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  };
}

function machineText(): string {
  const model = cpus()[0]?.model.trim() ?? '';
  const parts = [things(availableParallelism(), 'core'), model, `${formatBytes(totalmem())} of memory`];
  return parts.filter((part) => part !== '' && part !== 'unknown').join(', ');
}

function sourceText(spec: RunSpec): string {
  const sources = spec.sources.map(publicSource);
  for (const _ of spec.input) sources.push('a list');
  return sources.length > 3
    ? `${sources.slice(0, 3).join(', ')} and ${sources.length - 3} more`
    : sources.join(', ');
}

/**
 * A source as it may be shown: of a URL only scheme, host and path, since the rest can hold secrets. What
 * follows `demo:` are settings of the emulated network and belong to the result.
 */
export function publicSource(source: string): string {
  if (/^(demo|imgur):/i.test(source)) return source;
  const url = URL.parse(source.includes('://') ? source : `https://${source}`);
  return url === null ? 'a source' : `${url.protocol}//${url.host}${url.pathname}`;
}

/** What is done with every picture; null where nothing is. */
function stageNote(spec: RunSpec): string | null {
  const parts = [
    spec.resize === null ? '' : `resize to ${spec.resize} (${spec.resizeMode})`,
    spec.format === 'keep' ? '' : `as ${spec.format}`,
    spec.quality === null ? '' : `quality ${spec.quality}`,
    spec.stripMetadata ? 'without metadata' : '',
    spec.frames === 'first' ? 'first frames' : '',
    spec.phash ? 'perceptual hash' : '',
    spec.blurhash ? 'BlurHash' : '',
  ].filter((part) => part !== '');
  return stageOf(spec) === null || parts.length === 0 ? null : parts.join(', ');
}

function settingsOf(spec: RunSpec, strategies: readonly StrategyName[]): [string, string][] {
  const uses = (...names: StrategyName[]) => names.some((name) => strategies.includes(name));
  const settings: [string, string | null][] = [
    [
      'in flight (async, auto)',
      uses('async', 'auto')
        ? spec.concurrency === null
          ? '100, at most 512'
          : String(spec.concurrency)
        : null,
    ],
    [
      'workers',
      uses('threads', 'processes') ? (spec.workers?.toString() ?? '5 threads, a process a core') : null,
    ],
    ['in flight in each worker', uses('threads', 'processes') ? String(spec.perWorker) : null],
    ['in flight to one host', String(spec.perHost ?? usualCeiling)],
    ['retries', String(spec.retries)],
    ['rate limit', spec.limitBytesPerSecond === null ? null : `${formatBytes(spec.limitBytesPerSecond)}/s`],
    ['check', spec.check],
    ['image stage', stageNote(spec)],
    ['fsync', spec.fsync ? 'on' : null],
    ['proxy', spec.proxy === null ? null : 'on'],
  ];
  return settings.filter((setting): setting is [string, string] => setting[1] !== null);
}
