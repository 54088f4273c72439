import { networkMs, type StrategyFigures } from './figures.ts';
import { share } from './statistics.ts';

/** The machine that the race ran on. */
export interface Machine {
  cores: number;
}

/**
 * What kept a strategy from being faster:
 * - `computing`: all cores were busy;
 * - `pictures`: more pictures were there than could be computed, for most of the time;
 * - `loop`: the one event loop was busy nearly all the time;
 * - `shared`: with more in flight each transfer slowed down: they share a link or a server that gives no more;
 * - `longest`: everything was in flight at once, and the slowest item decided;
 * - `number`: its slots were full nearly all the time, so more of them would have helped;
 * - `ramp`: the slots were free for much of the time: filling them and running dry took the rest.
 */
export type Limit = 'computing' | 'pictures' | 'loop' | 'shared' | 'longest' | 'number' | 'ramp';

const busy = 0.85;
const fullSlots = 0.75;
/** How much longer an item may take than alone before we say that they slow each other down. */
const stretched = 1.5;

/**
 * Mean number in flight: by Little's law the time of all items, added up, over the time of the run. Where others are
 * fetched while a picture is computed, that time is not in it: its slot is free then.
 */
export function meanInFlight(figures: StrategyFigures): number {
  const { occupiedMs, phases, seconds } = figures.typical;
  const besideMs = isComputed(figures) && computesBeside(figures) ? phases.stage + phases.write : 0;
  return share((occupiedMs - besideMs) / 1000, seconds);
}

/** Mean number of pictures that are being computed, or wait for their turn. */
export function meanInStage({ typical }: StrategyFigures): number {
  return share(typical.phases.stage / 1000, typical.seconds);
}

/** Whether pictures were decoded or computed. */
export function isComputed({ typical }: StrategyFigures): boolean {
  return typical.usage.pictureCpuSeconds > 0;
}

/** Whether others are fetched while a picture is computed: where one event loop has all of them. */
export function computesBeside({ result }: StrategyFigures): boolean {
  return result.strategy === 'async' || result.strategy === 'auto';
}

/** Pictures that are computed at once, at most: a worker of a pool has one process, an event loop as many as there are cores. */
export function processesFor(figures: StrategyFigures, { cores }: Machine): number {
  return computesBeside(figures) ? cores : figures.result.peakInFlight;
}

/** Whether more pictures were there than could be computed, on average over the whole run. */
export function picturesQueue(figures: StrategyFigures, machine: Machine): boolean {
  return isComputed(figures) && meanInStage(figures) > processesFor(figures, machine);
}

/** Whether all cores had work nearly all the time. */
export function coresAreFull(figures: StrategyFigures, { cores }: Machine): boolean {
  return coresBusy(figures) >= busy * cores;
}

/** Mean time of an item, in seconds. */
export function meanItemSeconds({ typical }: StrategyFigures): number {
  return share(typical.occupiedMs / 1000, typical.items);
}

/** Cores busy on average in the typical run. */
export function coresBusy({ typical }: StrategyFigures): number {
  return share(typical.usage.cpuSeconds, typical.seconds);
}

/** How many times as long as `alone` an item's network time was; 1 where it is not known. */
export function stretch(figures: StrategyFigures, alone: StrategyFigures | undefined): number {
  if (alone === undefined) return 1;
  const perItem = ({ typical }: StrategyFigures) => share(networkMs(typical), typical.items);
  return perItem(alone) > 0 ? perItem(figures) / perItem(alone) : 1;
}

/** `alone` are the figures of `sync`, where it ran; `others` may show the same rate at another number in flight. */
export function limitOf(
  figures: StrategyFigures,
  alone: StrategyFigures | undefined,
  others: readonly StrategyFigures[],
  machine: Machine,
): Limit {
  const { typical, result } = figures;
  if (coresAreFull(figures, machine)) return 'computing';
  if (loopIsFull(figures)) return 'loop';
  if (picturesQueue(figures, machine)) return 'pictures';
  if (stretch(figures, alone) >= stretched || others.some((other) => sameRate(figures, other)))
    return 'shared';
  if (result.peakInFlight >= typical.items && typical.longestMs >= 700 * typical.seconds) return 'longest';
  return meanInFlight(figures) >= fullSlots * result.peakInFlight ? 'number' : 'ramp';
}

/** Whether all is done on one event loop, and that had work nearly all the time. */
export function loopIsFull({ typical, result }: StrategyFigures): boolean {
  const pool = result.strategy === 'threads' || result.strategy === 'processes';
  return !pool && typical.usage.eventLoopUtilization >= busy;
}

/** Whether two strategies moved the same bytes a second although one had half as many again in flight. */
export function sameRate(a: StrategyFigures, b: StrategyFigures): boolean {
  if (a === b) return false;
  const [low, high] = [a, b]
    .map(({ typical }) => share(typical.receivedBytes, typical.seconds))
    .sort((x, y) => x - y);
  const [few, many] = [meanInFlight(a), meanInFlight(b)].sort((x, y) => x - y);
  return low! > 0 && high! <= 1.1 * low! && many! >= 1.5 * few! && few! > 1.5;
}
