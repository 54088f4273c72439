import type { Environment } from './configuration.ts';
import type { Output } from './output.ts';
import type { Screen } from './screen.ts';

/** What every command works with. */
export interface CommandContext {
  /** Results. */
  output: Output;
  /** Everything for people. */
  screen: Screen;
  /** With `.env` in it. */
  environment: Environment;
  /** The working directory. */
  directory: string;
  signal: AbortSignal;
}

/** How much is said, and how. */
export interface Display {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
}

/** What a command line asks for; resolves to the exit code. */
export type Action = (context: CommandContext) => Promise<number>;

/** Takes what the parsed command line asks for. */
export type OnAction = (action: Action, display: Display) => void;
