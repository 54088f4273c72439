import { duration, list, percent, things } from '../drawing/wording.ts';
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
    ...computed
      .filter(({ result }) => result.strategy !== 'sync')
      .map((each) => whatItWas(each, noun, machine)),
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

/** What computing was for a strategy; from what was busy, and what was waited for. */
function whatItWas(each: StrategyFigures, noun: string, machine: Machine): string {
  const { typical, result } = each;
  const name = result.strategy;
  const busy = `${coresBusy(each).toFixed(1)} of ${things(machine.cores, 'core')}`;
  if (coresAreFull(each, machine)) return `Under ${name} computing was the limit: it kept ${busy} busy.`;
  if (loopIsFull(each)) {
    const loop = percent(typical.usage.eventLoopUtilization);
    return `Under ${name} the event loop was the limit, busy ${loop} of the time, with ${busy} busy.`;
  }
  if (picturesQueue(each, machine)) {
    return (
      `Under ${name} ${things(Math.round(meanInStage(each)), noun)} on average were in the image stage, most of them waiting for their turn: ` +
      `computing was the limit, though it got no more than ${busy}.`
    );
  }
  const computing = share(typical.phases.stage, typical.occupiedMs);
  if (isPool(name)) {
    return (
      `Under ${name} a ${noun} was in the image stage for ${percent(computing)} of its time, and ${busy} were busy: ` +
      `${computing < 0.3 ? `the rest was waiting with ${result.peakInFlight} at once` : 'waiting and computing share its time'}.`
    );
  }
  return (
    `Under ${name} ${meanInFlight(each).toFixed(1)} on average were on the network and ` +
    `${meanInStage(each).toFixed(1)} in the image stage, with ${busy} busy: computing was not the limit.`
  );
}

const isPool = (strategy: string) => strategy === 'threads' || strategy === 'processes';
