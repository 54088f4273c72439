import type { Row } from '../test/soak/table.ts';
import type { Tools } from './tools.ts';
import type { Workspace } from './workspace.ts';

/** One question to the machine, answered by a table. */
export interface Case {
  title: string;
  /** Leaves no process behind; its files may stay until the workspace goes. */
  run(context: Context): Promise<Section>;
}

export interface Context {
  workspace: Workspace;
  tools: Tools;
  /** What starts the command that is measured: Node and the built program. */
  gallop: readonly string[];
  /** How often everything is run, unless a case says otherwise. */
  rounds: number;
  /** Whether a contestant was asked for. */
  wants(contestant: string): boolean;
  /** Progress, for whoever waits. */
  say(text: string): void;
}

export interface Section {
  /** Under which conditions, for the reader of the table. */
  settings: string[];
  rows: Row[];
  /** What was left out, and other remarks. */
  notes: string[];
}
