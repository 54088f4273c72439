import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { slope } from '../../test/soak/memory-growth.ts';
import type { Row } from '../../test/soak/table.ts';
import { canHaveIsland, islandCommand } from '../../test/support/island.ts';
import type { Case, Context, Section } from '../case.ts';
import { type Growth, type GrowthPlan, watchGrowth } from '../memory/growth.ts';
import { digits } from '../results.ts';
import { withoutNginx } from '../without.ts';

/** What a long list costs: whether memory grows with it. */
export function memory({ urls, hosts }: { urls: number; hosts: number }): Case {
  return {
    title: 'A long list',
    async run(context: Context): Promise<Section> {
      const { workspace, tools, gallop, wants, say } = context;
      if (tools.nginx === null) return withoutNginx;
      const plan: GrowthPlan = { gallop, nginx: tools.nginx, urls, hosts: 0 };
      const rows: Row[] = [];
      const notes: string[] = [];
      const tried: [name: string, watch: () => Promise<Growth>][] = [
        ['one host', () => watchGrowth(workspace, plan)],
      ];
      if (canHaveIsland()) tried.push([`${hosts} hosts`, () => onIsland(context, { ...plan, hosts })]);
      else notes.push('Many hosts need a network of their own (root, unshare, mount, ip): left out.');
      for (const [name, watch] of tried.filter(([name]) => wants(name))) {
        const growth = await watch();
        say(`${name}: ${growth.run.seconds.toFixed(1)} s`);
        rows.push(rowOf(name, urls, growth));
      }
      const settings = [
        `${urls} URLs of a GIF of 43 bytes that nginx has in memory; the names of the many hosts come from a DNS server of the bench, in a network of its own; one run each`,
        'RSS: all processes together, at a tenth, a half and the end of the list; bytes/URL: its slope from a tenth on (least squares)',
      ];
      return { settings, rows, notes };
    },
  };
}

const entry = fileURLToPath(new URL('../memory/many-hosts.ts', import.meta.url));

async function onIsland({ workspace }: Context, plan: GrowthPlan): Promise<Growth> {
  const place = workspace.directory('island');
  const command = [process.execPath, entry, place, JSON.stringify(plan)];
  // Processes of its own, too: when it is killed, so is what it started.
  const flags = ['--pid', '--fork', '--kill-child', '--mount-proc'];
  const words = islandCommand(place, [], command, flags);
  const { child } = workspace.start({ words }, ['ignore', 'pipe', 'pipe']);
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  workspace.remove('island');
  if (stdout === '') throw new Error(`the run with many hosts failed: ${stderr}`);
  return JSON.parse(stdout) as Growth;
}

function rowOf(list: string, urls: number, { run, samples, peakBytes, faults }: Growth): Row {
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const at = (share: number) => samples.find(([done]) => done >= share * urls)?.[1] ?? samples.at(-1)![1];
  const later = samples.filter(([done]) => done >= urls / 10);
  return {
    list,
    s: digits(run.seconds),
    'URLs/s': Math.round(urls / run.seconds),
    'CPU, s': digits(run.cpuSeconds),
    'peak RSS, MB': megabytes(peakBytes),
    'at 10 %': megabytes(at(0.1)),
    'at 50 %': megabytes(at(0.5)),
    'at the end': megabytes(at(1)),
    'bytes/URL': digits(slope(later)),
    note: faults.join('; '),
  };
}
