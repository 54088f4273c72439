import { UsageError } from '../errors.ts';
import type { RunSpec } from '../run-spec.ts';
import { defaultRunSpec, runOptions } from './options.ts';
import { configName, environmentName, type RunOption } from './run-option.ts';

function named<T>(where: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** What the environment says of the options. Unknown `GALLOP_` names are left alone: they may be another's. */
export function optionsFromEnvironment(environment: Record<string, string | undefined>): Partial<RunSpec> {
  const result: Record<string, unknown> = {};
  for (const option of runOptions) {
    const name = environmentName(option);
    const value = environment[name];
    if (value !== undefined && value !== '') result[option.key] = named(name, () => option.parse(value));
  }
  return result as Partial<RunSpec>;
}

function valueFromConfig(option: RunOption, value: unknown): unknown {
  if (typeof value === 'string') return option.parse(value);
  const { textOnly } = option;
  if (typeof value === 'number' && textOnly !== undefined) {
    throw new UsageError(`must be a text with its unit, such as "${textOnly}"`);
  }
  const settled = option.settle === undefined ? value : option.settle(value);
  const wrong = option.check(settled);
  if (wrong !== null)
    throw new UsageError(textOnly === undefined ? wrong : `must be a text such as "${textOnly}"`);
  return settled;
}

/**
 * What a parsed `gallop.config.json` says: texts as on the command line, or numbers (of bytes for sizes; not for
 * durations and rates), truth values and objects. Throws a UsageError that names `file`, the option, and what would be right.
 */
export function optionsFromConfig(config: unknown, file: string): Partial<RunSpec> {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new UsageError(`${file}: must be an object such as {"dir": "pictures", "perHost": 20}`);
  }
  const byName = new Map(runOptions.map((option) => [configName(option), option]));
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    const option = byName.get(name);
    if (option === undefined) {
      throw new UsageError(
        `${file}: there is no option '${name}'; there are ${[...byName.keys()].join(', ')}`,
      );
    }
    result[option.key] = named(`${file}: ${name}`, () => valueFromConfig(option, value));
  }
  return result as Partial<RunSpec>;
}

/** As a library user writes it: one list needs no array around it. */
export type GivenRunSpec = Partial<Omit<RunSpec, 'input'>> & { input?: string | readonly string[] | null };

/** Fills in the defaults and checks every value; throws a UsageError that names the first bad one. */
export function resolveRunSpec(given: GivenRunSpec): RunSpec {
  const spec = { ...defaultRunSpec } as Record<string, unknown>;
  const known = new Map<string, RunOption>(runOptions.map((option) => [option.key, option]));
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || key === 'sources') continue;
    const option = known.get(key);
    if (option === undefined) throw new UsageError(`there is no option '${key}'`);
    const settled = option.settle === undefined ? value : option.settle(value);
    const wrong = option.check(settled);
    if (wrong !== null) throw new UsageError(`${key} ${wrong}`);
    spec[key] = settled;
  }
  const sources = given.sources ?? [];
  if (!Array.isArray(sources) || sources.some((source) => typeof source !== 'string' || source === '')) {
    throw new UsageError('sources must be texts: URLs, imgur:ID or demo:');
  }
  return { ...(spec as unknown as RunSpec), sources: [...sources] };
}
