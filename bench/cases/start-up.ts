import type { Case, Context, Section } from '../case.ts';
import { compare } from '../compare.ts';
import type { Contestant } from '../contestants/contestant.ts';
import { writeJob } from '../job.ts';

/** What has to be loaded before anything happens. */
export function startUp({ rounds }: { rounds: number }): Case {
  return {
    title: 'Start',
    async run(context: Context): Promise<Section> {
      const { gallop, workspace } = context;
      const urls = Array.from({ length: 10 }, (_, n) => `http://127.0.0.1:9/${n}.jpg`);
      const { list } = writeJob(workspace, urls, new Map());
      const program = (name: string, ...words: string[]): Contestant => ({
        name,
        needs: [],
        command: ({ out }) => ({ words, cwd: out }),
      });
      const reference = program('node -e 0', process.execPath, '-e', '0');
      const { rows, notes } = await compare(
        { ...context, rounds },
        {
          contestants: [
            reference,
            program('gallop --version', ...gallop, '--version'),
            program('gallop --help', ...gallop, '--help'),
            program('gallop list, ten URLs', ...gallop, 'list', '-i', list),
          ],
          reference: reference.name,
          expected: null,
        },
      );
      return { settings: [`${rounds} runs each; nothing is fetched`], rows, notes };
    },
  };
}
