import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { slope } from '../../test/soak/memory-growth.ts';
import type { Row } from '../../test/soak/table.ts';
import { canHaveIsland, islandCommand } from '../../test/support/island.ts';
import type { Case, Context, Section } from '../case.ts';
import { type Growth, type GrowthPlan, watchGrowth } from '../memory/growth.ts';
import { digits } from '../results.ts';
import { withoutNginx } from '../without.ts';

/** A list: its length, and its distinct hosts, in turn; 0 for the server's own address. */
export interface List {
  urls: number;
  hosts: number;
}

/** Which `--contestants` takes. */
const nameOf = ({ urls, hosts }: List) => `${urls} URLs, ${hosts === 0 ? 'one host' : `${hosts} hosts`}`;

/** What long lists cost: whether memory grows with them. */
export function memory(lists: readonly List[]): Case {
  return {
    title: 'A long list',
    async run(context: Context): Promise<Section> {
      const { workspace, tools, gallop, wants, say } = context;
      if (tools.nginx === null) return withoutNginx;
      const nginx = tools.nginx;
      const rows: Row[] = [];
      const notes: string[] = [];
      const has = canHaveIsland();
      if (!has) notes.push('Many hosts need a network of their own (root, unshare, mount, ip): left out.');
      for (const list of lists.filter((list) => wants(nameOf(list)) && (has || list.hosts === 0))) {
        const plan: GrowthPlan = { gallop, nginx, ...list };
        const growth = await (list.hosts === 0 ? watchGrowth(workspace, plan) : onIsland(context, plan));
        say(`${nameOf(list)}: ${growth.run.seconds.toFixed(1)} s`);
        rows.push(rowOf(list, growth));
      }
      const settings = [
        'URLs of a GIF of 43 bytes that nginx has in memory; the names of the many hosts come from a DNS server of the bench that takes 20 ms a look-up, in a network of its own; one run each',
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

function rowOf(list: List, { run, samples, peakBytes, faults }: Growth): Row {
  const { urls } = list;
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const at = (share: number) => samples.find(([done]) => done >= share * urls)?.[1] ?? samples.at(-1)![1];
  const later = samples.filter(([done]) => done >= urls / 10);
  return {
    list: nameOf(list),
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
