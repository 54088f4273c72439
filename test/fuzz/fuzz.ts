import { parseArgs } from 'node:util';
import { type CampaignResult, mib, runCampaign } from './campaign.ts';
import { shareOf, targets } from './targets.ts';

/**
 * `npm run fuzz [-- --seed N --inputs N --target WORDS]`: a million inputs, in all, for everything that
 * parses what others wrote. Exits with 1, and tells the seed, the target and the smallest input, where one
 * brought forth an unknown error, a wrong result, a hang, or too much memory.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    inputs: { type: 'string', default: '1000000' },
    target: { type: 'string', default: '' },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);
const chosen = targets.filter(({ name }) => name.includes(values.target));
if (chosen.length === 0) {
  print(`there is no target '${values.target}'; there are: ${targets.map(({ name }) => name).join('; ')}`);
  process.exit(2);
}
const seed = Number(values.seed);
const shares = new Map(chosen.map((each) => [each.name, shareOf(each, chosen, Number(values.inputs))]));

print(`seed ${seed}`);
const startedAt = performance.now();
const results = await runCampaign({
  entry: new URL('./fuzz-child.ts', import.meta.url),
  shares,
  seed,
  onResult: ({ target, inputs, seconds, slowestMs, peakRssBytes, failure }: CampaignResult) => {
    const rate = Math.round(inputs / seconds);
    print(
      `${failure === null ? 'ok    ' : 'FAILED'} ${target.padEnd(42)} ${String(inputs).padStart(8)} inputs ` +
        `${String(rate).padStart(8)}/s  slowest ${slowestMs.toFixed(0).padStart(5)} ms  ${mib(peakRssBytes)}`,
    );
    if (failure !== null) {
      print(`  npm run fuzz -- --seed ${seed} --inputs ${inputs} --target '${target}'`);
      print(`  ${failure.message}\n  ${failure.input}`);
    }
  },
});
const inputs = results.reduce((sum, result) => sum + result.inputs, 0);
const failed = results.filter(({ failure }) => failure !== null).length;
const peak = Math.max(...results.map(({ peakRssBytes }) => peakRssBytes));
const seconds = (performance.now() - startedAt) / 1000;
print(
  `${inputs} inputs to ${results.length} targets in ${seconds.toFixed(0)} s, seed ${seed}, ` +
    `peak memory of a process ${mib(peak)}, ${failed} failed`,
);
process.exitCode = failed > 0 ? 1 : 0;
