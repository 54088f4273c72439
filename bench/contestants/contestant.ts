import type { ToolName } from '../tools.ts';
import type { Command } from '../workspace.ts';

/** A program that takes part in a comparison. */
export interface Contestant {
  name: string;
  /** Left out, with a note, where one of them is not installed. */
  needs: readonly ToolName[];
  command(place: RunPlace): Command;
  /** For the slow: all rounds unless given. */
  mostRounds?: number;
  /** What it learned in a run before, which is not counted, is there in all its runs. */
  keepsState?: boolean;
}

export interface RunPlace {
  /** Empty: where the files go. */
  out: string;
  /** Where a program may keep what it learned; empty at the start of each run unless its contestant keeps it. */
  state: string;
}
