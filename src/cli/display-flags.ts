import type { Command } from 'commander';
import { parseSwitch, UsageError } from '../index.ts';
import type { Display } from './command-context.ts';

/** Adds the flags that say how much is said, `--json` with `json` as its help; `displayOf` reads them. */
export function addDisplayFlags(command: Command, json: string): Command {
  return command
    .optionsGroup('Messages:')
    .option('--json', json)
    .option('--quiet', 'only errors')
    .option('-v, --verbose', 'more')
    .option('--no-color', 'no colours, as with NO_COLOR=1')
    .helpOption('-h, --help', 'this help');
}

export function displayOf(command: Command): Display {
  return {
    json: isOn(command, 'json', 'GALLOP_JSON'),
    quiet: isOn(command, 'quiet', 'GALLOP_QUIET'),
    verbose: isOn(command, 'verbose', 'GALLOP_VERBOSE'),
  };
}

/** Whether a switch was given, as a flag or, as every option, as a variable. */
export function isOn(command: Command, option: string, variable: string): boolean {
  const given: unknown = command.getOptionValue(option);
  if (typeof given === 'boolean') return given;
  try {
    return parseSwitch(process.env[variable] ?? '');
  } catch (error) {
    throw new UsageError(`${variable}: ${(error as Error).message}`, { cause: error });
  }
}
