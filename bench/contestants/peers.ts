import { fileURLToPath } from 'node:url';
import type { Job } from '../job.ts';
import type { Tools } from '../tools.ts';
import type { Contestant } from './contestant.ts';

/** Other programs that download lists, each as its manual says to do it fast and quietly. */

export const curl = ({ curlConfig }: Job, parallel: number): Contestant => ({
  name: `curl -Z --parallel-max ${parallel}`,
  needs: ['curl'],
  command: ({ out }) => ({
    words: ['curl', '-q', '-s', '-Z', '--parallel-max', `${parallel}`, '-K', curlConfig, '--output-dir', out],
  }),
});

export const aria2 = ({ list }: Job, parallel: number): Contestant => ({
  name: `aria2 -j${parallel}`,
  needs: ['aria2c'],
  command: ({ out }) => ({ words: ['aria2c', '--no-conf', '-q', `-j${parallel}`, '-i', list, '-d', out] }),
});

export const wget2 = ({ list, host }: Job, threads: number): Contestant => ({
  name: `wget2 --max-threads=${threads}`,
  needs: ['wget2'],
  command: ({ out }) => ({
    // Version 1.99 leaves the port out of its own Host, which the embedded origin refuses.
    words: [
      'wget2',
      '--no-config',
      '-q',
      '--header',
      `Host: ${host}`,
      `--max-threads=${threads}`,
      '-i',
      list,
      '-P',
      out,
    ],
  }),
});

export const galleryDl = ({ list }: Job): Contestant => ({
  name: 'gallery-dl',
  needs: ['gallery-dl'],
  command: ({ out }) => ({
    words: ['gallery-dl', '--config-ignore', '-q', '-D', out, '-f', '{filename}.{extension}', '-i', list],
  }),
});

/** The four programs of the article, in `bench/peers`. */
export const pythonPrograms = {
  one_at_a_time: 'Python urllib, one at a time',
  thread_pool: 'Python ThreadPoolExecutor(5)',
  process_pool: 'Python multiprocessing.Pool',
  all_at_once: 'Python aiohttp',
} as const;

export function python(tools: Tools, { list }: Job, program: keyof typeof pythonPrograms): Contestant {
  const file = fileURLToPath(new URL(`../peers/${program}.py`, import.meta.url));
  return {
    name: pythonPrograms[program],
    needs: [program === 'all_at_once' ? 'aiohttp' : 'python3'],
    command: ({ out }) => ({ words: [tools.python3!.program, '-B', file, list, out] }),
  };
}
