import type { Case } from '../case.ts';
import { album, farNetwork } from './album.ts';
import { dataSet } from './data-set.ts';
import { largeFile } from './large-file.ts';
import { memory } from './memory.ts';
import { networksCase } from './networks.ts';
import { pixels } from './pixels.ts';
import { secondRun } from './second-run.ts';
import { smallFiles } from './small-files.ts';
import { startUp } from './start-up.ts';

/** By the name that `--only` takes: what stands in the table in full, and something like it that is quick. */
export const cases: Readonly<Record<string, (isQuick: boolean) => Case>> = {
  'small-files': (isQuick) => smallFiles({ files: isQuick ? 1000 : 10_000, bytes: 26_000 }),
  album: (isQuick) => album({ pictures: isQuick ? 20 : 200, bytes: 370_000, network: farNetwork }),
  'large-file': (isQuick) => largeFile({ bytes: isQuick ? 100e6 : 1e9 }),
  'start-up': (isQuick) => startUp({ rounds: isQuick ? 5 : 15 }),
  'second-run': (isQuick) => secondRun({ files: isQuick ? 5000 : 100_000, bytes: 1000 }),
  networks: (isQuick) =>
    isQuick
      ? networksCase({ size: 20, names: ['far-album', 'thin-link', 'knee-429'] })
      : networksCase({ size: 1000, names: null }),
  'data-set': (isQuick) =>
    dataSet({ pictures: isQuick ? 300 : 3000, bytes: 26_000, shardSize: isQuick ? 100 : 500 }),
  pixels: (isQuick) => pixels({ pictures: isQuick ? 20 : 200, side: 256 }),
  'many-pixels': (isQuick) => pixels({ pictures: isQuick ? 300 : 2000, side: 256 }),
  memory: (isQuick) =>
    memory([
      { urls: isQuick ? 200_000 : 1_000_000, hosts: 0 },
      { urls: 200_000, hosts: 20_000 },
      ...(isQuick ? [] : [{ urls: 1_000_000, hosts: 100_000 }]),
    ]),
};
