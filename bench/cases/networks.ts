import path from 'node:path';
import type { Case, Context, Section } from '../case.ts';
import { judge } from '../networks/judge.ts';
import { networks, queryOf } from '../networks/network-list.ts';
import { asRow, sums } from '../networks/report.ts';
import type { Result } from '../networks/results.ts';

/** Whether `auto` finds what a sweep of fixed numbers finds, for so many pictures. */
export function networksCase({ size, names }: { size: number; names: string[] | null }): Case {
  return {
    title: 'Choosing by itself',
    async run({ gallop, rounds, wants, say }: Context): Promise<Section> {
      const results: Result[] = [];
      const checkout = path.resolve(path.dirname(gallop.at(-1)!), '..');
      for (const network of networks) {
        if (!wants(network.name) || !(names?.includes(network.name) ?? true)) continue;
        results.push(await judge(network, queryOf(network, size), { checkout, rounds, say }));
      }
      return {
        settings: [
          `${size} pictures unless a network has its own number; bench/networks/README.md says what is compared`,
        ],
        rows: results.map(asRow),
        notes: sums(results, size),
      };
    },
  };
}
