import path from 'node:path';
import { EmulatedOrigin } from './emulated-origin.ts';
import { GallopRunner, type Run } from './gallop-run.ts';
import type { Network } from './network-list.ts';
import type { AutoResult, Result } from './results.ts';
import {
  type AutoRuns,
  autoRound,
  byTime,
  type Contestant,
  closeToBest,
  firstRound,
  fixedRound,
  median,
  secondsOf,
} from './sweep.ts';

function told({ seconds, missing, requests, refused, peakInFlight, originCpuShare }: Run): string {
  return `${seconds.toFixed(2)} s, peak ${peakInFlight}, ${requests} requests, ${refused} refused, ${missing} missing, origin CPU ${(100 * originCpuShare).toFixed(0)} %`;
}

export interface JudgeOptions {
  /** Whose built command is judged. */
  checkout: string;
  rounds: number;
  /** The best fixed number, where it is known: then the sweep is left out. */
  known?: Result['best'] | undefined;
  say(text: string): void;
}

/** `auto` on one network, cold and warm, against the best of a sweep of fixed numbers. */
export async function judge(
  network: Network,
  query: string,
  { checkout, rounds, known, say }: JudgeOptions,
): Promise<Result> {
  const origin = await EmulatedOrigin.start(query);
  const runner = new GallopRunner(path.resolve(checkout), origin);
  try {
    say(`${network.name}: ${network.about}`);
    const sweep = known === undefined ? await firstRound(runner, network.isComputing ?? false) : [];
    for (const { name, runs } of sweep) say(`  ${name}: ${told(runs[0]!)}`);
    const again = sweep.length === 0 ? [] : closeToBest(sweep);
    const auto: AutoRuns = { cold: [], warm: [] };
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await fixedRound(runner, again);
      await autoRound(runner, auto);
      say(`  auto cold: ${told(auto.cold.at(-1)!)}`);
      say(`  auto warm: ${told(auto.warm.at(-1)!)}`);
    }
    const best = known ?? bestOf(again);
    return { network: network.name, query, best, auto: sumUp(auto) };
  } finally {
    runner.close();
    origin.close();
  }
}

function bestOf(contestants: Contestant[]): Result['best'] {
  const [{ name, runs }] = byTime(contestants) as [Contestant];
  const seconds = secondsOf(runs);
  return Number.isFinite(seconds) ? { name, seconds } : null;
}

function sumUp({ cold, warm }: AutoRuns): AutoResult {
  const all = [...cold, ...warm];
  const medianSeconds = (runs: Run[]) => median(runs.map(({ seconds }) => seconds));
  const refusedShare = (runs: Run[]) => median(runs.map(({ refused, requests }) => refused / requests));
  return {
    coldSeconds: medianSeconds(cold),
    warmSeconds: medianSeconds(warm),
    refusedShare: Math.max(refusedShare(cold), refusedShare(warm)),
    missing: all.reduce((sum, { missing }) => sum + missing, 0),
    peakInFlight: Math.max(...all.map(({ peakInFlight }) => peakInFlight)),
    originCpuShare: median(all.map(({ originCpuShare }) => originCpuShare)),
  };
}
