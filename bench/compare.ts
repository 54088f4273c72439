import type { Row } from '../test/soak/table.ts';
import type { Context } from './case.ts';
import type { Contestant, RunPlace } from './contestants/contestant.ts';
import { type Expected, exitFault, faultsIn } from './faults.ts';
import { measure } from './measure.ts';
import { ResidentWatch } from './resident.ts';
import { type Result, type TableShape, tableRows } from './results.ts';
import { debianPackages } from './tools.ts';

export interface Comparison extends Omit<TableShape, 'more'> {
  contestants: readonly Contestant[];
  /** What each run has to leave in its directory. Null: nothing is looked at. */
  expected: Expected | null;
  /** Adds a column. */
  watchMemory?: boolean;
  /** Longest time of a run; then it is killed, and that is noted. */
  mostSeconds?: number;
}

interface Entry extends Result {
  contestant: Contestant;
  peakBytes: number;
}

/**
 * Every contestant once a round, each round beginning with another one, so that what the machine does beside
 * falls on all of them. Files are checked and removed between the runs. Returns a row for each, in the order given.
 */
export async function compare(
  context: Context,
  comparison: Comparison,
): Promise<{ rows: Row[]; notes: string[] }> {
  const { tools, wants, rounds, say } = context;
  const asked = comparison.contestants.filter(({ name }) => wants(name));
  const missing = new Set(asked.flatMap(({ needs }) => needs.filter((tool) => tools[tool] === null)));
  const entries = asked
    .filter(({ needs }) => !needs.some((tool) => missing.has(tool)))
    .map((contestant): Entry => {
      return { name: contestant.name, contestant, runs: [], faults: new Set(), peakBytes: 0 };
    });
  for (const { contestant } of entries) {
    if (contestant.keepsState) await runOnce(context, comparison, contestant);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < entries.length; turn += 1) {
      const entry = entries[(round + turn) % entries.length]!;
      const { name, contestant } = entry;
      if (round >= (contestant.mostRounds ?? rounds)) continue;
      const { run, peakBytes, fault } = await runOnce(context, comparison, contestant);
      say(`round ${round + 1}: ${name}: ${run.seconds.toFixed(2)} s ${fault}`);
      entry.runs.push(run);
      entry.peakBytes = Math.max(entry.peakBytes, peakBytes);
      if (fault !== '') entry.faults.add(fault);
    }
  }
  const more = (result: Result) => ({ 'peak RSS, MB': Math.round((result as Entry).peakBytes / 1e6) });
  return {
    rows: tableRows(entries, { ...comparison, ...(comparison.watchMemory ? { more } : {}) }),
    notes: [...missing].map((it) => `${it} is not installed (Debian: ${debianPackages[it]}): left out.`),
  };
}

/** Its run, the most memory it had where that is watched, and what was wrong: '' for nothing. */
async function runOnce({ workspace }: Context, comparison: Comparison, contestant: Contestant) {
  const { expected, mostSeconds, watchMemory } = comparison;
  const place: RunPlace = {
    out: workspace.directory('out'),
    state: workspace.directory(`state of ${contestant.name}`, { isKept: contestant.keepsState }),
  };
  const command = contestant.command(place);
  let peakBytes = 0;
  const watch = (pid: number) => new ResidentWatch(pid, (bytes) => (peakBytes = Math.max(peakBytes, bytes)));
  const run = await measure(workspace, command, { mostSeconds, watch: watchMemory ? watch : undefined });
  const faults = [exitFault(run), expected === null ? '' : faultsIn(place.out, expected)];
  workspace.remove('out');
  return { run, peakBytes, fault: faults.filter((it) => it !== '').join(', ') };
}
