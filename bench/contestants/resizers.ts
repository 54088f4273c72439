import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Job } from '../job.ts';
import type { Tools } from '../tools.ts';
import type { Contestant } from './contestant.ts';

/** Programs that make pictures smaller, with no network before them but for OpenCV's. */

const peer = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

export const sharpLoop = (source: string, side: number): Contestant => ({
  name: 'sharp, files on the disk',
  needs: [],
  command: ({ out }) => ({ words: [process.execPath, peer('sharp-loop.mjs'), source, out, `${side}`] }),
});

export function vipsthumbnail(source: string, side: number): Contestant {
  const processes = availableParallelism();
  // As many programs at once as there are cores, each with a thread and a part of the files.
  const script =
    'find "$1" -name "*.jpg" -print0 | xargs -0 -n 20 -P "$3" vipsthumbnail -s "$4" -o "$2/%s.jpg[Q=80]"';
  return {
    name: `vipsthumbnail, ${processes} at once, files on the disk`,
    needs: ['vipsthumbnail'],
    command: ({ out }) => ({
      words: ['bash', '-c', script, 'bash', source, out, `${processes}`, `${side}x${side}`],
      env: { VIPS_CONCURRENCY: '1' },
    }),
  };
}

export const openCv = (tools: Tools, { list }: Job, side: number): Contestant => ({
  name: 'Python multiprocessing.Pool with OpenCV',
  needs: ['opencv'],
  command: ({ out }) => ({
    words: [tools.opencv!.program, '-B', peer('opencv_resize.py'), list, out, `${side}`],
  }),
});
