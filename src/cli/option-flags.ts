import { type Command, Option } from 'commander';
import { configName, longFlag, optionGroups, type RunOption, runOptions, UsageError } from '../index.ts';
import type { CommandContext } from './command-context.ts';
import { configuredOptions, type GivenOptions } from './configuration.ts';
import { sourceHint } from './help.ts';

export type OptionKey = RunOption['key'];

/** Of a value that is wrong only what the option's own parser says of it is shown: it may be a secret. */
function parseFlag(option: RunOption, text: string, previous: unknown): unknown {
  try {
    return option.parse(text, previous as never);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${longFlag(option)}: ${error.message}`, { cause: error });
  }
}

function helpText(option: RunOption): string {
  if (option.default === false) return option.help;
  return `${option.help} (default: ${option.defaultText ?? String(option.default)})`;
}

/** Commander keeps the values of options by the same names as the configuration file. */
const isGiven = (command: Command, option: RunOption): boolean =>
  command.getOptionValueSource(configName(option)) === 'cli';

/** Those that stand on the command line. */
export const givenFlags = (command: Command): OptionKey[] =>
  runOptions.filter((option) => isGiven(command, option)).map(({ key }) => key);

interface Choice {
  except?: readonly OptionKey[];
  hidden?: readonly OptionKey[];
}

/**
 * Adds a flag for every option of a run but those left out, and for each switch one that turns it off
 * again (it may be on in the environment). Returns what makes the run's options of them, of the environment
 * and of the configuration file, once a line has been parsed.
 */
export function addOptionFlags(
  command: Command,
  { except = [], hidden = [] }: Choice = {},
): (context: CommandContext) => GivenOptions {
  const flags = optionGroups.flatMap(({ title, options }) =>
    options
      .filter(({ key }) => !except.includes(key))
      .map((option) => {
        const flag = new Option(option.flags, helpText(option)).helpGroup(`${title}:`);
        if (flag.required) flag.argParser((text, previous) => parseFlag(option, text, previous));
        command.addOption(flag.hideHelp(hidden.includes(option.key)));
        if (!flag.required) command.addOption(new Option(longFlag(option).replace('--', '--no-')).hideHelp());
        return option;
      }),
  );
  return ({ environment, directory }) => {
    const given = flags.filter((option) => isGiven(command, option));
    const values = Object.fromEntries(
      given.map((option) => [option.key, command.getOptionValue(configName(option))]),
    );
    return configuredOptions(values as GivenOptions, environment, directory);
  };
}

/** The same for a command with sources: what is returned throws a UsageError where there is none. */
export function addRunFlags(
  command: Command,
  choice: Choice = {},
): (sources: string[], context: CommandContext) => GivenOptions {
  const configured = addOptionFlags(command, choice);
  return (sources, context) => {
    const options = configured(context);
    if (sources.length > 0 || (options.input ?? []).length > 0) return options;
    throw new UsageError('there is nothing to download', { hint: sourceHint });
  };
}
