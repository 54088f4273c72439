import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { optionsFromConfig, optionsFromEnvironment, type RunSpec, UsageError } from '../index.ts';

export type Environment = Record<string, string | undefined>;

/** The options of a run that someone gave; the defaults are the library's. */
export type GivenOptions = Partial<Omit<RunSpec, 'sources'>>;

const configFile = 'gallop.config.json';

/** Null where there is no such file; `.env` may well be a directory, of Python's. */
function readText(directory: string, file: string): string | null {
  try {
    return readFileSync(join(directory, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
    throw new UsageError(`${file} cannot be read (${code})`, { cause: error });
  }
}

/** `environment` over what `.env` in `directory` says. Never becomes `process.env`, so no child process inherits it unasked. */
export function loadEnvironment(environment: Environment, directory: string): Environment {
  const text = readText(directory, '.env');
  return text === null ? environment : { ...parseEnv(text), ...environment };
}

function readConfig(directory: string): GivenOptions {
  const text = readText(directory, configFile);
  if (text === null) return {};
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the file, which may hold a header with a secret: only its position is kept.
    const place = /\(line \d+ column \d+\)/.exec((error as Error).message)?.[0];
    throw new UsageError(`${configFile} is not JSON${place === undefined ? '' : ` ${place}`}`);
  }
  return optionsFromConfig(config, configFile);
}

/** The options of a run: flags before `GALLOP_*` variables before `gallop.config.json`; what none of them says stays out. */
export function configuredOptions(
  flags: GivenOptions,
  environment: Environment,
  directory: string,
): GivenOptions {
  return { ...readConfig(directory), ...optionsFromEnvironment(environment), ...flags };
}
