import type { Context } from '../case.ts';
import type { Job } from '../job.ts';
import type { Command } from '../workspace.ts';
import type { Contestant, RunPlace } from './contestant.ts';

/** The command for what a list names, with the options given beside. */
export function gallopCommand(
  { gallop }: Pick<Context, 'gallop'>,
  list: string,
  options: readonly string[],
  { out, state }: RunPlace,
): Command {
  return {
    words: [...gallop, '-i', list, '-d', out, '--quiet', '--name', '{name}.{ext}', ...options],
    env: { XDG_STATE_HOME: state },
  };
}

/** `gallop` with those options, named after them. */
export function gallop(
  context: Pick<Context, 'gallop'>,
  { list }: Job,
  options: string,
  settings: Partial<Contestant> = {},
): Contestant {
  const words = options.split(' ').filter((word) => word !== '');
  return {
    name: ['gallop', ...words].join(' '),
    needs: [],
    command: (place) => gallopCommand(context, list, words, place),
    ...settings,
  };
}
