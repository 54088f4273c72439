import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchArguments {
  /** Names of cases. */
  only: string[];
  rounds: number;
  isQuick: boolean;
  /** Whether a contestant was asked for. */
  wants(contestant: string): boolean;
  /** The checkout whose built command is measured. */
  gallop: string;
  /** Where all files go. Undefined: in memory, where it can be. */
  directory: string | undefined;
}

const usage = (cases: readonly string[]) => `node bench/bench.ts [options]
  --only CASE,CASE          of ${cases.join(', ')}
  --runs N                  of each contestant (default: 5)
  --quick                   small sizes: to see that all works
  --contestants=WORD,WORD   only those whose names hold one of the words
  --gallop DIR              another checkout, whose dist is measured
  --dir DIR                 where all files go while it runs (default: /dev/shm where it is)
`;

/** What the command line asks for; throws an Error whose message says what was wrong and what would be right. */
export function benchArguments(words: string[], cases: readonly string[]): BenchArguments {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        only: { type: 'string', default: cases.join(',') },
        runs: { type: 'string', default: '5' },
        quick: { type: 'boolean', default: false },
        contestants: { type: 'string', default: '' },
        gallop: { type: 'string', default: resolve(import.meta.dirname, '..') },
        dir: { type: 'string' },
      },
    });
    const only = values.only.split(',');
    const unknown = only.find((name) => !cases.includes(name));
    if (unknown !== undefined) throw new Error(`there is no case '${unknown}'`);
    const rounds = Number(values.runs);
    if (!Number.isSafeInteger(rounds) || rounds < 1)
      throw new Error(`--runs is a number, not '${values.runs}'`);
    if (!existsSync(resolve(values.gallop, 'dist/index.js'))) {
      throw new Error(`there is no dist/ in ${values.gallop}: run npm run build there`);
    }
    const names = values.contestants.split(',');
    return {
      only,
      rounds,
      isQuick: values.quick,
      wants: (contestant) => names.some((name) => contestant.includes(name)),
      gallop: resolve(values.gallop),
      directory: values.dir,
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage(cases)}`, { cause: error });
  }
}
