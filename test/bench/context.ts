import type { Context } from '../../bench/case.ts';
import { findTools } from '../../bench/tools.ts';
import { Workspace } from '../../bench/workspace.ts';
import { startWords } from '../cli/gallop.ts';

const tools = findTools();

/** For a case or a comparison: the sources as the command, one round, and only contestants whose names hold one of the words. */
export function benchContext(directory: string, words: readonly string[] = ['']): Context & Disposable {
  const workspace = new Workspace(directory);
  return {
    workspace,
    tools,
    gallop: [process.execPath, ...startWords],
    rounds: 1,
    wants: (name) => words.some((word) => name.includes(word)),
    say: () => {},
    [Symbol.dispose]: () => workspace[Symbol.dispose](),
  };
}
