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
import { judge } from './judge.ts';
import { type Network, networks, queryOf } from './network-list.ts';
import { report } from './report.ts';
import { type Result, Results } from './results.ts';

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

const say = (text: string): void => void process.stderr.write(`${text}\n`);

// Ended in a way that still empties the output directory.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
if (flags.list) {
  for (const { name, about, origin } of networks) say(`${name}: ${about}\n    ${origin}`);
} else {
  const judged: Result[] = [];
  for (const network of chosen()) {
    const kept = results.get(queryOf(network, size));
    if (flags.report && kept === undefined) continue;
    const known = flags['auto-only'] ? kept?.best : undefined;
    const query = queryOf(network, size);
    const result = flags.report
      ? kept!
      : await judge(network, query, { checkout: flags.gallop, rounds, known, say });
    if (!flags.report) results.set(result);
    judged.push(result);
  }
  process.stdout.write(report(judged, size));
}
