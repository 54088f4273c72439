import { count, duration, list, percent, things } from '../drawing/wording.ts';
import { ranked, type StrategyFigures } from './figures.ts';
import {
  computesBeside,
  coresAreFull,
  coresBusy,
  isComputed,
  loopIsFull,
  type Machine,
  meanInFlight,
  meanInStage,
  picturesQueue,
  processesFor,
} from './limit.ts';
import { share } from './statistics.ts';

/**
 * How much was computed with pictures, where that happens, and what it was for each strategy: a limit, or hidden behind
 * waiting. Empty where nothing was computed.
 */
export function explainPictures(figures: readonly StrategyFigures[], noun: string, machine: Machine): string {
  const computed = ranked(figures).filter(
    (each) => each.died < each.runs.length && each.typical.items > 1 && isComputed(each),
  );
  if (computed.length === 0) return '';
  return [
    howMuch(computed[0]!, noun),
    where(computed, noun, machine),
    blurhash(computed[0]!, noun, machine),
    whatItWas(computed, noun, machine),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function howMuch({ typical, result }: StrategyFigures, noun: string): string {
  const { cpuSeconds, pictureCpuSeconds } = typical.usage;
  const each = duration(share(pictureCpuSeconds, typical.items));
  return (
    `Decoding and computing took ${each} of processor time a ${noun} under ${result.strategy}, ` +
    `${duration(pictureCpuSeconds)} of its ${duration(cpuSeconds)}.`
  );
}

function where(computed: readonly StrategyFigures[], noun: string, { cores }: Machine): string {
  const alone = computed.find(computesBeside);
  const pool = computed.find(({ result }) => isPool(result.strategy));
  const who = [
    alone === undefined ? '' : `up to ${processesFor(alone, { cores })} beside one event loop`,
    pool === undefined ? '' : 'one for each worker of a pool',
  ].filter((part) => part !== '');
  const processes = `It is done in processes of its own${who.length === 0 ? '' : `, ${list(who)}`}`;
  if (cores === 1) {
    return `${processes}: on one core that shortens nothing, but other ${noun}s are fetched meanwhile.`;
  }
  return (
    `${processes}, so every strategy with more than one ${noun} under way can use several cores for it, ` +
    'and no threads are needed.'
  );
}

/** The part that is JavaScript, and that no other process takes. */
function blurhash({ typical, result }: StrategyFigures, noun: string, { cores }: Machine): string {
  if (typical.blurhashes === 0) return '';
  const { cpuSeconds, pictureCpuSeconds } = typical.usage;
  const own = duration(share(cpuSeconds - pictureCpuSeconds, typical.items));
  const several =
    cores === 1
      ? ''
      : ': one event loop, as under async, has one core for it, threads and processes have several';
  return (
    `The other ${own} a ${noun} (${result.strategy}) are for network, disk and the BlurHash, which is JavaScript and is computed ` +
    `on the event loop that fetched the ${noun}${several}.`
  );
}

/** For whom computing was the limit and for whom not, from what was busy and what was waited for. */
function whatItWas(computed: readonly StrategyFigures[], noun: string, machine: Machine): string {
  const overlapping = computed.filter(({ result }) => result.strategy !== 'sync');
  const isLimited = (each: StrategyFigures) =>
    coresAreFull(each, machine) || loopIsFull(each) || picturesQueue(each, machine);
  const named = (each: StrategyFigures) => `${each.result.strategy} (${evidence(each, noun, machine)})`;
  const limited = overlapping.filter(isLimited).map(named);
  const others = overlapping.filter((each) => !isLimited(each)).map(named);
  return [
    limited.length === 0 ? '' : `Computing was the limit under ${list(limited)}.`,
    others.length === 0 ? '' : `Computing was not the limit under ${list(others)}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function evidence(each: StrategyFigures, noun: string, machine: Machine): string {
  const { typical } = each;
  const busy = `${coresBusy(each).toFixed(1)} of ${things(machine.cores, 'core')} busy`;
  if (coresAreFull(each, machine)) return busy;
  if (loopIsFull(each)) {
    return `its event loop busy ${percent(typical.usage.eventLoopUtilization)} of the time, ${busy}`;
  }
  if (isPool(each.result.strategy)) {
    const part = percent(share(typical.phases.stage, typical.occupiedMs));
    return `a ${noun} was in the image stage for ${part} of its time, ${busy}`;
  }
  const staged = `${count(meanInStage(each))} on average in the image stage`;
  return picturesQueue(each, machine)
    ? `${staged}, where ${processesFor(each, machine)} at a time are computed, ${busy}`
    : `${staged} and ${count(meanInFlight(each))} on the network, ${busy}`;
}

const isPool = (strategy: string) => strategy === 'threads' || strategy === 'processes';
