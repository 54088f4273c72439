import type { GallopRunner, Run } from './gallop-run.ts';

/** Runs of one way to download, one a round. */
export interface Contestant {
  name: string;
  args: string[];
  runs: Run[];
}

export interface AutoRuns {
  cold: Run[];
  warm: Run[];
}

/** The ceiling for one host is the same for everyone. */
const perHost = ['--per-host', '100'];
const fixedNumbers = [128, 64, 32, 16, 8, 4, 2, 1];
const longestSeconds = 60;
/** Those that were this close to the best in the first round run in the others, too. */
const close = 1.2;

export const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Median of the seconds; infinite for who lost a picture. */
export const secondsOf = (runs: Run[]): number =>
  runs.some(({ missing }) => missing > 0)
    ? Number.POSITIVE_INFINITY
    : median(runs.map(({ seconds }) => seconds));

const async = (n: number): Contestant => ({
  name: `async ${n}`,
  args: ['-s', 'async', '-c', String(n), ...perHost],
  runs: [],
});

const threads = (workers: number, inAll: number): Contestant => ({
  name: `threads ${workers} x ${inAll / workers}`,
  args: ['-s', 'threads', '-w', String(workers), '--per-worker', String(inAll / workers), ...perHost],
  runs: [],
});

/** From many in flight to few, until two in a row took twice as long as the best; the best comes first. */
export async function firstRound(runner: GallopRunner, withThreads: boolean): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  let [best, worse] = [Number.POSITIVE_INFINITY, 0];
  const enter = async (contestant: Contestant) => {
    // Above twice the best it makes no difference by how much.
    const limit = Math.min(longestSeconds, 2 * best + 1);
    const run = await runner.run(contestant.args, runner.freshState(), limit);
    contestant.runs.push(run);
    contestants.push(contestant);
    const seconds = secondsOf([run]);
    worse = seconds > 2 * best ? worse + 1 : 0;
    best = Math.min(best, seconds);
  };
  for (const n of fixedNumbers) {
    await enter(async(n));
    if (worse >= 2) break;
  }
  if (withThreads) for (const workers of [1, 2, 4]) await enter(threads(workers, 64));
  return byTime(contestants);
}

export const byTime = (contestants: Contestant[]): Contestant[] =>
  contestants.toSorted((a, b) => secondsOf(a.runs) - secondsOf(b.runs));

export const closeToBest = (contestants: Contestant[]): Contestant[] =>
  contestants.filter(({ runs }) => secondsOf(runs) <= close * secondsOf(contestants[0]!.runs));

/** Once with nothing remembered, and once more with what that run remembered. */
export async function autoRound(runner: GallopRunner, { cold, warm }: AutoRuns): Promise<void> {
  const state = runner.freshState();
  cold.push(await runner.run(['-s', 'auto', ...perHost], state, longestSeconds));
  warm.push(await runner.run(['-s', 'auto', ...perHost], state, longestSeconds));
}

export async function fixedRound(runner: GallopRunner, contestants: Contestant[]): Promise<void> {
  for (const { args, runs } of contestants) {
    runs.push(await runner.run(args, runner.freshState(), longestSeconds));
  }
}
