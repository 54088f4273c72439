import type { RunSpec } from '../run-spec.ts';
import type { OptionKind } from './option-kinds.ts';

/**
 * One option as data: the command makes its flags of it, the environment (`GALLOP_DIR`) and
 * `gallop.config.json` (`"dir"`) use its name, and `resolveRunSpec` checks library users by it.
 */
export interface RunOption<K extends keyof RunSpec = keyof RunSpec> extends OptionKind<RunSpec[K]> {
  key: K;
  /** As in `-d, --dir <dir>`; without a value in brackets it is a switch. */
  flags: string;
  default: RunSpec[K];
  /** How the default reads in help, where its own text would not do. */
  defaultText?: string;
  help: string;
}

/** An option whose kind and default fit its key. */
export const define = <K extends keyof RunSpec>(option: RunOption<K>): RunOption =>
  option as unknown as RunOption;

/** `--per-host` of `-x, --per-host <n>`. */
export const longFlag = ({ flags }: Pick<RunOption, 'flags'>): string => /--[a-z-]+/.exec(flags)![0];

/** The long flag without dashes, in camel case: the option's name in the configuration file. */
export function configName(option: RunOption): string {
  return longFlag(option)
    .slice(2)
    .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `GALLOP_PER_HOST` for `--per-host`. */
export function environmentName(option: RunOption): string {
  return `GALLOP_${longFlag(option).slice(2).toUpperCase().replaceAll('-', '_')}`;
}
