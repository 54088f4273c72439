import { setImmediate as turn } from 'node:timers/promises';
import { openJournal } from '../../src/journal/sqlite-journal.ts';

/**
 * A run without downloads: claims and records items in the journal of a directory, in pairs that belong together,
 * for ever, with a pause of that many milliseconds between batches; says once that it has begun.
 */
const [directory, pauseMs] = [process.argv[2]!, Number(process.argv[3])];
const { journal } = openJournal(directory);
for (let n = 0; ; n += 1) {
  // Far apart in the table, so that every batch writes pages all over it.
  const keys = [`a${(n * 7919) % 100_003}-${n}`, `z${(n * 104_729) % 100_003}-${n}`];
  journal.claim(
    keys.map((key) => ({
      ...{ key, target: `${key}.{ext}`, collisionKey: `${key}.{ext}`, recipe: 'x'.repeat(200) },
      alternative: (round: number): [string, string] => [`${key}~${round}`, `${key}~${round}`],
    })),
  );
  if (n === 500) process.stdout.write('begun\n');
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  else if (n % 100 === 0) await turn();
}
