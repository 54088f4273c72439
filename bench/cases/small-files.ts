import type { Case, Context, Section } from '../case.ts';
import { compare } from '../compare.ts';
import { gallop } from '../contestants/gallop.ts';
import { aria2, curl, python, wget2 } from '../contestants/peers.ts';
import { writeJob } from '../job.ts';
import { writeJpegs } from '../pictures.ts';
import { nginxSettings, startNginx } from '../servers/nginx.ts';
import { withoutNginx } from '../without.ts';

/** What a file costs beside its bytes: many small ones from a server that is near. */
export function smallFiles({ files, bytes }: { files: number; bytes: number }): Case {
  return {
    title: 'Overhead per file',
    async run(context: Context): Promise<Section> {
      const { workspace, tools } = context;
      if (tools.nginx === null) return withoutNginx;
      const root = workspace.directory('www');
      const expected = await writeJpegs(root, files, bytes);
      await using server = await startNginx(workspace, tools.nginx, root);
      const urls = [...expected.keys()].map((name) => `${server.url}/${name}`);
      const job = writeJob(workspace, urls, expected);
      const reference = curl(job, 64);
      const { rows, notes } = await compare(context, {
        contestants: [
          reference,
          gallop(context, job, '-s auto'),
          gallop(context, job, '-s async -c 64'),
          aria2(job, 16),
          wget2(job, 64),
          python(tools, job, 'all_at_once'),
          python(tools, job, 'thread_pool'),
          python(tools, job, 'process_pool'),
          python(tools, job, 'one_at_a_time'),
        ],
        reference: reference.name,
        expected,
        perSecond: { unit: 'files', amount: files },
      });
      return { settings: [`${files} JPEGs of ${bytes} bytes, all different; ${nginxSettings}`], rows, notes };
    },
  };
}
