import { formatBytes } from '../core/units.ts';
import { count, duration, factor, list, percent, rate, things } from '../drawing/wording.ts';
import { ranked, type StrategyFigures } from './figures.ts';
import {
  computesBeside,
  coresAreFull,
  coresBusy,
  isComputed,
  type Limit,
  limitOf,
  loopIsFull,
  type Machine,
  meanInFlight,
  meanInStage,
  meanItemSeconds,
  processesFor,
  sameRate,
  stretch,
} from './limit.ts';
import { share, tied } from './statistics.ts';

/** How the fastest used its time, and what kept it from being faster still. */
export function explainLimit(
  figures: readonly StrategyFigures[],
  sync: StrategyFigures | undefined,
  noun: string,
  machine: Machine,
): string {
  const winner = ranked(figures)[0]!;
  const { typical, result } = winner;
  if (typical.saved === 0) return '';
  if (typical.items === 1) {
    return figures.length === 1
      ? ''
      : `With a single ${noun} there is nothing to do side by side: what differs is how long each strategy takes to start.`;
  }
  if (result.strategy === 'sync') return figures.length === 1 ? '' : nothingGained(figures, winner);
  const overlap =
    `${result.strategy} had up to ${result.peakInFlight} in flight, ${count(meanInFlight(winner))} on average${beside(winner)}: ` +
    `${things(typical.items, noun)} of ${duration(meanItemSeconds(winner))} each are ` +
    `${duration(typical.occupiedMs / 1000)} of ${isComputed(winner) ? 'downloading and computing' : 'downloading'}, done in ${duration(typical.seconds)}.`;
  const others = figures.filter((each) => each !== winner);
  const limit = limitOf(winner, sync, others, machine);
  return [overlap, limits[limit](winner, sync, others, machine), fullLoops(winner, others, machine)]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Those that had left the network already. */
function beside(figures: StrategyFigures): string {
  if (!isComputed(figures) || !computesBeside(figures)) return '';
  return `, and ${count(meanInStage(figures))} more in the image stage`;
}

type Sentence = (
  winner: StrategyFigures,
  sync: StrategyFigures | undefined,
  others: readonly StrategyFigures[],
  machine: Machine,
) => string;

const limits: Record<Limit, Sentence> = {
  computing: (winner, _sync, _others, machine) =>
    `All in all ${coresBusy(winner).toFixed(1)} of ${things(machine.cores, 'core')} were busy: ` +
    'computing, not the network, was the limit.',
  pictures: (winner, _sync, _others, machine) =>
    `Pictures came faster than they could be computed, ${processesFor(winner, machine)} at a time${winner.typical.blurhashes > 0 ? ', and their BlurHash on one event loop' : ''}: computing, not the ` +
    `network, was the limit, though this run had no more than ${coresBusy(winner).toFixed(1)} of ${things(machine.cores, 'core')}.`,
  loop: ({ typical }, _sync, others, { cores }) => {
    const pool = others.some(
      ({ result }) => result.strategy === 'threads' || result.strategy === 'processes',
    );
    const remedy = pool || cores === 1 ? '' : ', and threads or processes could use the other cores';
    return `Its event loop was busy ${percent(typical.usage.eventLoopUtilization)} of the time: it, not the network, was the limit${remedy}.`;
  },
  shared: (winner, sync, others) => {
    const { typical } = winner;
    const longer = stretch(winner, sync);
    const reached = rate(typical.receivedBytes, typical.seconds);
    const like = others.find((other) => sameRate(winner, other));
    const evidence =
      longer >= 1.5
        ? `each then took ${factor(longer)} times as long on the network as alone`
        : `${like!.result.strategy} moved as much with ${count(meanInFlight(like!))} in flight`;
    return `All together came to ${reached}, and ${evidence}: the link or the server gave no more.`;
  },
  longest: ({ typical }) =>
    `Everything was in flight at once, so the slowest one, of ${duration(typical.longestMs / 1000)}, ` +
    'set the time: more in flight could not have helped.',
  number: ({ result }) =>
    `Nearly all of its ${result.peakInFlight} slots were full all the time, and the processor was not the limit: ` +
    'with more of them it would have been faster, had the server allowed it.',
  ramp: ({ typical }) =>
    `Its slots were not full all the time: the first download began after ${duration(typical.firstStartMs / 1000)}, ` +
    `and at the end the last ones ran alone, the longest for ${duration(typical.longestMs / 1000)}.`,
};

/** Those behind the winner that one busy event loop held back, however many they had in flight. */
function fullLoops(winner: StrategyFigures, others: readonly StrategyFigures[], machine: Machine): string {
  return (
    others
      .filter((each) => each.result.strategy !== 'sync' && each.typical.finished && loopIsFull(each))
      .filter((each) => each !== winner && !tied(each.counted, winner.counted))
      // Where all cores had work, it was not for being one that the loop was full.
      .filter((each) => machine.cores === 1 || !coresAreFull(each, machine))
      .map(
        ({ result, typical }) =>
          `${result.strategy} had up to ${result.peakInFlight} in flight, but all on one event loop, ` +
          `busy ${percent(typical.usage.eventLoopUtilization)} of the time.`,
      )
      .join(' ')
  );
}

function nothingGained(figures: readonly StrategyFigures[], sync: StrategyFigures): string {
  const computing = coresBusy(sync) >= 0.6;
  const starts = figures
    .filter((each) => each !== sync)
    .map(({ result, typical }) => `${duration(typical.firstStartMs / 1000)} (${result.strategy})`);
  return (
    `Nothing beat one at a time: ${computing ? 'there was little waiting to overlap' : 'there was too little to do'}, ` +
    `and the others first had to start, with the first download after ${list(starts)}.`
  );
}

/** What threads and processes were worth, and what tells them apart. */
export function explainPools(
  figures: readonly StrategyFigures[],
  sync: StrategyFigures | undefined,
  machine: Machine,
): string {
  const pools = figures.filter(
    ({ result, typical, died, runs }) =>
      (result.strategy === 'threads' || result.strategy === 'processes') &&
      typical.items > 1 &&
      died < runs.length,
  );
  // Of the winner more has been said already.
  const toExplain = pools.filter((pool) => pool !== ranked(figures)[0]);
  const sentences = sync === undefined ? [] : toExplain.map((pool) => poolAgainstOne(pool, sync, machine));
  if (pools.length === 2) sentences.push(threadsAgainstProcesses(pools));
  return sentences.join(' ');
}

function poolAgainstOne(pool: StrategyFigures, sync: StrategyFigures, machine: Machine): string {
  const { result } = pool;
  const inFlight = result.peakInFlight;
  const gained = sync.result.median / result.median;
  const efficiency = gained / inFlight;
  const against =
    gained >= 1 ? `${factor(gained)} times as fast as` : `${factor(1 / gained)} times as long as`;
  const fact = `${result.strategy}, ${inFlight} at once, took ${duration(result.median)}, ${against} one at a time`;
  if (efficiency >= 0.85 && efficiency <= 1.15) {
    return `${fact}: each waits as the one did, so the number is the gain.`;
  }
  if (efficiency > 1.15) return `${fact}, more than their number alone explains.`;
  const reasons = lossesOf(pool, sync, machine);
  return reasons.length > 0
    ? `${fact}: ${list(reasons)}.`
    : `${fact}; on average ${count(meanInFlight(pool))} of them had something to do.`;
}

/** Where a pool lost what its number promised; clauses, those that matter only. */
function lossesOf(pool: StrategyFigures, sync: StrategyFigures, machine: Machine): string[] {
  const { typical, result } = pool;
  const startSeconds = typical.firstStartMs / 1000;
  const handOver = share(handOverMs(pool), typical.occupiedMs);
  const longer = stretch(pool, sync);
  const inStage = (each: StrategyFigures) => share(each.typical.phases.stage, each.typical.items);
  const computed = isComputed(pool) ? share(inStage(pool), inStage(sync)) : 1;
  return [
    share(startSeconds, typical.seconds) >= 0.08 ? `starting took ${duration(startSeconds)} of it` : '',
    handOver >= 0.2
      ? `${percent(handOver)} of the time of a download was its way to the worker and back`
      : '',
    computed >= 1.3 && share(typical.phases.stage, typical.occupiedMs) >= 0.1
      ? `each took ${factor(computed)} times as long in the image stage as alone`
      : '',
    longer >= 1.3 ? `each download took ${factor(longer)} times as long on the network as alone` : '',
    coresBusy(pool) >= 0.85 * Math.min(machine.cores, result.peakInFlight)
      ? `${coresBusy(pool).toFixed(1)} of ${things(machine.cores, 'core')} were busy`
      : '',
  ].filter((reason) => reason !== '');
}

/** Milliseconds between hand-over and end that no phase accounts for, added up: what moving items about costs. */
function handOverMs({ typical: { phases, occupiedMs } }: StrategyFigures): number {
  return occupiedMs - (phases.wait + phases.firstByte + phases.body + phases.stage + phases.write);
}

function threadsAgainstProcesses(pools: readonly StrategyFigures[]): string {
  const each = pools.map(
    ({ result, typical }) =>
      `${result.strategy} began their first download after ${duration(typical.firstStartMs / 1000)} and used ` +
      `${formatBytes(result.peakRssBytes)} and ${duration(result.cpuSeconds)} of processor time for ${result.peakInFlight} at once`,
  );
  return (
    'In Node threads do run JavaScript side by side, unlike in CPython, whose global lock lets one thread ' +
    `compute at a time; so the two differ by what they cost to start and to hold: ${each.join('; ')}.`
  );
}
