import type { Case, Context, Section } from '../case.ts';
import { gallopCommand } from '../contestants/gallop.ts';
import { exitFault, faultsIn } from '../faults.ts';
import { writeJob } from '../job.ts';
import { measure } from '../measure.ts';
import { writeJpegs } from '../pictures.ts';
import { type Result, tableRows } from '../results.ts';
import { nginxSettings, startNginx } from '../servers/nginx.ts';
import { withoutNginx } from '../without.ts';

interface Entry extends Result {
  /** That the server saw, in each. */
  requests: number[];
}

/** What it costs to find that everything is there. */
export function secondRun({ files, bytes }: { files: number; bytes: number }): Case {
  return {
    title: 'A second run',
    async run(context: Context): Promise<Section> {
      const { workspace, tools, rounds, say } = context;
      if (tools.nginx === null) return withoutNginx;
      const root = workspace.directory('www');
      const expected = await writeJpegs(root, files, bytes);
      await using server = await startNginx(workspace, tools.nginx, root);
      const job = writeJob(
        workspace,
        [...expected.keys()].map((name) => `${server.url}/${name}`),
        expected,
      );
      const results = ['first run', 'second run'].map(
        (name): Entry => ({ name, runs: [], faults: new Set(), requests: [] }),
      );
      for (let round = 1; round <= rounds; round += 1) {
        const place = { out: workspace.directory('out'), state: workspace.directory('state') };
        for (const { name, runs, faults, requests } of results) {
          const before = await server.requests();
          const run = await measure(workspace, gallopCommand(context, job.list, [], place));
          requests.push((await server.requests()) - before);
          runs.push(run);
          for (const fault of [exitFault(run), faultsIn(place.out, expected)]) if (fault) faults.add(fault);
          say(`round ${round}: ${name}: ${run.seconds.toFixed(2)} s, ${requests.at(-1)} requests`);
        }
        workspace.remove('out');
      }
      const rows = tableRows(results, {
        reference: 'first run',
        perSecond: { unit: 'files', amount: files },
        more: (result) => ({ requests: Math.max(...(result as Entry).requests) }),
      });
      return {
        settings: [
          `${files} JPEGs of ${bytes} bytes, all different; ${nginxSettings}; gallop without options`,
        ],
        rows,
        notes: [],
      };
    },
  };
}
