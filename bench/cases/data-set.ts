import type { Case, Context, Section } from '../case.ts';
import { compare } from '../compare.ts';
import { gallop } from '../contestants/gallop.ts';
import { writeJob } from '../job.ts';
import { writeJpegs } from '../pictures.ts';
import { nginxSettings, startNginx } from '../servers/nginx.ts';
import { withoutNginx } from '../without.ts';

/** What packing costs: small pictures into shards, against the same pictures as files. */
export function dataSet({
  pictures,
  bytes,
  shardSize,
}: {
  pictures: number;
  bytes: number;
  shardSize: number;
}): Case {
  return {
    title: 'A data set',
    async run(context: Context): Promise<Section> {
      const { workspace, tools } = context;
      if (tools.nginx === null) return withoutNginx;
      const root = workspace.directory('www');
      const expected = await writeJpegs(root, pictures, bytes);
      await using server = await startNginx(workspace, tools.nginx, root);
      const urls = [...expected.keys()].map((name) => `${server.url}/${name}`);
      const job = writeJob(workspace, urls, expected);
      // A data set decodes every picture, also where it makes nothing of it.
      const reference = gallop(context, job, '-s async -c 64 --check full');
      const into = (output: string) =>
        gallop(context, job, `-s async -c 64 --check full --output ${output} --shard-size ${shardSize}`);
      const { rows, notes } = await compare(context, {
        contestants: [reference, into('files'), into('webdataset'), into('parquet')],
        reference: reference.name,
        // Their names, and what they are in, differ.
        expected: null,
        perSecond: { unit: 'pictures', amount: pictures },
        watchMemory: true,
      });
      const settings = [`${pictures} JPEGs of ${bytes} bytes, all different; ${nginxSettings}`];
      return { settings, rows, notes };
    },
  };
}
