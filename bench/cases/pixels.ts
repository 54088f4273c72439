import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { makePictures } from '../../src/origin/pictures.ts';
import type { Case, Context, Section } from '../case.ts';
import { compare } from '../compare.ts';
import { gallop } from '../contestants/gallop.ts';
import { openCv, sharpLoop, vipsthumbnail } from '../contestants/resizers.ts';
import { writeJob } from '../job.ts';
import { nginxSettings, startNginx } from '../servers/nginx.ts';
import { withoutNginx } from '../without.ts';

const [width, height] = [1600, 1200];
/** Different ones; where there are more they are the same again under other names. */
const mostDrawn = 200;

/** What computing costs while others are fetched: photographs that are made small. */
export function pixels({ pictures, side }: { pictures: number; side: number }): Case {
  return {
    title: 'Pixels',
    async run(context: Context): Promise<Section> {
      const { workspace, tools } = context;
      if (tools.nginx === null) return withoutNginx;
      const root = workspace.directory('www');
      const names = await writePhotographs(root, pictures);
      await using server = await startNginx(workspace, tools.nginx, root);
      const urls = names.map((name) => `${server.url}/${name}`);
      const job = writeJob(workspace, urls, new Map());
      const reference = sharpLoop(root, side);
      const { rows, notes } = await compare(context, {
        contestants: [
          reference,
          gallop(context, job, `-s auto --resize ${side}`),
          gallop(context, job, `-s async --resize ${side}`),
          gallop(context, job, `-s threads -w 2 --resize ${side}`),
          gallop(context, job, `-s processes --resize ${side}`),
          gallop(context, job, `-s auto --resize ${side} --phash --blurhash`),
          openCv(tools, job, side),
          vipsthumbnail(root, side),
        ],
        reference: reference.name,
        // Everybody's pixels are a little different.
        expected: null,
        perSecond: { unit: 'pictures', amount: pictures },
      });
      const settings = [
        `${pictures} JPEGs of ${width} x ${height} to ${side}; ${nginxSettings}; gallop also computes the sha256 and keeps its journal`,
      ];
      return { settings, rows, notes };
    },
  };
}

/** The origin's landscapes at their size, every file with other colours. */
async function writePhotographs(directory: string, count: number): Promise<string[]> {
  const album = await makePictures({ images: Math.min(40, count), seed: 1, bytes: 370_000, kinds: ['jpeg'] });
  const names = Array.from({ length: count }, (_, at) => `${at}.jpg`);
  for (const [at, name] of names.slice(0, mostDrawn).entries()) {
    const { body } = album[at % album.length]!;
    const picture = await sharp(body.read(0, body.length))
      .resize(width, height)
      .modulate({ hue: at })
      .jpeg({ quality: 85 })
      .toBuffer();
    writeFileSync(join(directory, name), picture);
  }
  for (const [at, name] of names.slice(mostDrawn).entries()) {
    linkSync(join(directory, names[at % mostDrawn]!), join(directory, name));
  }
  return names;
}
