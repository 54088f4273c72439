import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { Case, Context, Section } from '../case.ts';
import { compare } from '../compare.ts';
import { gallop } from '../contestants/gallop.ts';
import { aria2, curl, galleryDl, python, wget2 } from '../contestants/peers.ts';
import type { Expected } from '../faults.ts';
import { writeJob } from '../job.ts';
import { startOrigin } from '../servers/origin.ts';

export interface AlbumSize {
  pictures: number;
  /** Mean. */
  bytes: number;
  /** Parameters of `gallop origin`. */
  network: string;
}

/** 40 ms away, each connection slow, the link not. */
export const farNetwork = 'rtt=40ms&think=30-90ms&connection=1MB/s&link=50MB/s';
const noNetwork = 'rtt=0&think=0&connection=none&link=none&slowstart=off';

/** What is gained by having many in flight: an album on a server that is far away. */
export function album({ pictures, bytes, network }: AlbumSize): Case {
  return {
    title: 'An album far away',
    async run(context: Context): Promise<Section> {
      const { tools } = context;
      const parameters = `?images=${pictures}&bytes=${bytes}&kinds=jpeg`;
      const expected = await picturesOf(context, `${parameters}&${noNetwork}`);
      await using origin = await startOrigin(context, `${parameters}&${network}`);
      const job = writeJob(context.workspace, origin.pictures, expected);
      const reference = curl(job, 100);
      const once = { mostRounds: 1 };
      const { rows, notes } = await compare(context, {
        contestants: [
          reference,
          gallop(context, job, '-s async -c 100'),
          gallop(context, job, '-s auto', { name: 'gallop -s auto, cold' }),
          gallop(context, job, '-s auto', { name: 'gallop -s auto, warm', keepsState: true }),
          python(tools, job, 'all_at_once'),
          aria2(job, 16),
          wget2(job, 100),
          { ...gallop(context, job, '-s threads'), ...once },
          { ...python(tools, job, 'thread_pool'), ...once },
          { ...gallop(context, job, '-s processes'), ...once },
          { ...python(tools, job, 'process_pool'), ...once },
          { ...gallop(context, job, '-s sync'), ...once },
          { ...python(tools, job, 'one_at_a_time'), ...once },
          { ...galleryDl(job), ...once },
        ],
        reference: reference.name,
        expected,
        perSecond: { unit: 'files', amount: pictures },
      });
      const settings = [
        `${pictures} JPEGs of ${bytes} bytes in the mean, from \`gallop origin\` with ${network}, a process of its own on the same cores`,
        'cold: with an empty state directory; warm: with what a run before it learned. Those that have few in flight run once: what they wait for does not vary',
      ];
      return { settings, rows, notes };
    },
  };
}

/** The same album without the network between: what each picture is. */
async function picturesOf(context: Context, parameters: string): Promise<Expected> {
  await using origin = await startOrigin(context, parameters);
  const expected = new Map<string, string>();
  for (const url of origin.pictures) {
    const picture = Buffer.from(await (await fetch(url)).arrayBuffer());
    expected.set(basename(url), hash('sha256', picture, 'hex'));
  }
  return expected;
}
