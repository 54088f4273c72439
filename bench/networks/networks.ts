/**
 * Judges `auto` against a sweep of fixed numbers, on emulated networks.
 *
 *   node bench/networks/networks.ts [--size 20|200|1000] [--only NAME,NAME] [--rounds N] [--auto-only]
 *     [--gallop CHECKOUT] [--results FILE] [--report] [--list]
 *
 * The built command of CHECKOUT (this one unless given) is judged: run `npm run build` there before.
 * What was found is kept in FILE: `--auto-only` takes the best fixed numbers from it, `--report` prints
 * it and runs nothing.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EmulatedOrigin } from './emulated-origin.ts';
import { GallopRunner, type Run } from './gallop-run.ts';
import { largeRun, type Network, networks, originQuery } from './network-list.ts';
import { report } from './report.ts';
import { type AutoResult, type Result, Results } from './results.ts';
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

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '1000' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    'auto-only': { type: 'boolean', default: false },
    gallop: { type: 'string', default: root },
    results: { type: 'string' },
    report: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const size = wholeNumber('size');
const rounds = wholeNumber('rounds');
const results = new Results(flags.results ?? path.join(tmpdir(), 'gallop-networks', `${size}.json`));

function wholeNumber(name: 'size' | 'rounds'): number {
  const value = Number(flags[name]);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is not a whole number from 1`);
  return value;
}

function chosen(): Network[] {
  const names = flags.only?.split(',') ?? networks.map(({ name }) => name);
  return names.map((name) => {
    const network = networks.find((candidate) => candidate.name === name);
    if (network === undefined) throw new Error(`there is no network '${name}': see --list`);
    return network;
  });
}

const queryOf = (network: Network): string =>
  originQuery(network, size === largeRun ? (network.most ?? size) : size);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function told({ seconds, missing, requests, refused, peakInFlight, originCpuShare }: Run): string {
  return `${seconds.toFixed(2)} s, peak ${peakInFlight}, ${requests} requests, ${refused} refused, ${missing} missing, origin CPU ${(100 * originCpuShare).toFixed(0)} %`;
}

async function judge(network: Network): Promise<Result> {
  const query = queryOf(network);
  const known = flags['auto-only'] ? results.get(query)?.best : undefined;
  const origin = await EmulatedOrigin.start(query);
  const runner = new GallopRunner(path.resolve(flags.gallop), origin);
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

// Ended in a way that still empties the output directory.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
if (flags.list) {
  for (const { name, about, origin } of networks) say(`${name}: ${about}\n    ${origin}`);
} else {
  const judged: Result[] = [];
  for (const network of chosen()) {
    const kept = results.get(queryOf(network));
    if (flags.report && kept === undefined) continue;
    const result = flags.report ? kept! : await judge(network);
    if (!flags.report) results.set(result);
    judged.push(result);
  }
  process.stdout.write(report(judged, size));
}
