import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../../src/core/units.ts';
import type { Case, Context, Section } from '../case.ts';
import { compare } from '../compare.ts';
import { gallop } from '../contestants/gallop.ts';
import { aria2, curl } from '../contestants/peers.ts';
import { digestOf } from '../faults.ts';
import { writeJob } from '../job.ts';
import { randomBytes } from '../pictures.ts';
import { nginxSettings, startNginx } from '../servers/nginx.ts';
import { withoutNginx } from '../without.ts';

const pieceBytes = 50_000_000;

/** What a byte costs: one large file from a server that is near. */
export function largeFile({ bytes }: { bytes: number }): Case {
  return {
    title: 'One large file',
    async run(context: Context): Promise<Section> {
      const { workspace, tools } = context;
      if (tools.nginx === null) return withoutNginx;
      const root = workspace.directory('www');
      const file = join(root, 'large.bin');
      for (let at = 0; at < bytes; at += pieceBytes) {
        appendFileSync(file, randomBytes(at, Math.min(pieceBytes, bytes - at)));
      }
      const expected = new Map([['large.bin', digestOf(file)]]);
      await using server = await startNginx(workspace, tools.nginx, root);
      const job = writeJob(workspace, [`${server.url}/large.bin`], expected);
      const hasSegments = knows(context, '--segments');
      const reference = { ...curl(job, 1), name: 'curl' };
      const { rows, notes } = await compare(context, {
        contestants: [
          reference,
          gallop(context, job, '--any-type'),
          ...(hasSegments ? [gallop(context, job, '--any-type --segments 4')] : []),
          { ...aria2(job, 1), name: 'aria2' },
        ],
        reference: reference.name,
        expected,
        watchMemory: true,
        perSecond: { unit: 'MB', amount: bytes / 1e6 },
      });
      if (!hasSegments) notes.push('This gallop has no --segments: left out.');
      const settings = [
        `One file of ${formatBytes(bytes)}; ${nginxSettings}`,
        'gallop also computes the sha256 while it arrives; the others compute none',
      ];
      return { settings, rows, notes };
    },
  };
}

/** Whether `gallop get` has an option. */
function knows({ gallop: [program, ...words] }: Context, option: string): boolean {
  const { stdout } = spawnSync(program!, [...words, 'get', '--help'], { encoding: 'utf8' });
  return stdout.includes(option);
}
