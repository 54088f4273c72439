import { UsageError } from './errors.ts';
import { type IndexRange, type RunSpec, strategyNames } from './run-spec.ts';
import { parseDuration, parseRate, parseSize } from './units.ts';

/**
 * One option as data: the command makes its flags of it, the environment (`GALLOP_DIR`) and
 * `gallop.config.json` (`"dir"`) use its name, and `resolveRunSpec` checks library users by it.
 */
export interface RunOption<K extends keyof RunSpec = keyof RunSpec> {
  key: K;
  /** As in `-d, --dir <dir>`; without a value in brackets it is a switch. */
  flags: string;
  default: RunSpec[K];
  /** How the default reads in help, where its own text would not do. */
  defaultText?: string;
  help: string;
  /** From text to value; throws a UsageError that says what would be right. */
  parse: (text: string, previous?: RunSpec[K]) => RunSpec[K];
  /** What is wrong with a value, or null: for values that come as data, not as text. */
  check: (value: unknown) => string | null;
}

const oneOf = <T extends string>(...choices: T[]) => ({
  parse: (text: string): T => {
    if (!(choices as string[]).includes(text)) {
      throw new UsageError(`'${text}' is not one of ${choices.join(', ')}`);
    }
    return text as T;
  },
  check: (value: unknown) =>
    (choices as unknown[]).includes(value) ? null : `must be one of ${choices.join(', ')}`,
});

const whole = (min: number, max: number) => {
  const check = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : `must be a whole number from ${min} to ${max}`;
  return {
    check,
    parse: (text: string): number => {
      const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
      const wrong = check(value);
      if (wrong !== null) throw new UsageError(`'${text}' ${wrong}`);
      return value;
    },
  };
};

const measured = (parse: (text: string) => number, min: number, unit: string) => {
  const check = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= Number.MAX_SAFE_INTEGER
      ? null
      : `must be a number of ${unit}, ${min} or more`;
  return {
    check,
    parse: (text: string): number => {
      const value = parse(text);
      const wrong = check(value);
      if (wrong !== null) throw new UsageError(`'${text}' ${wrong}`);
      return value;
    },
  };
};

/** A switch's text comes from the environment only: `GALLOP_INFO=1`. */
const flag = {
  parse: (text: string): boolean => {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off|)$/i.test(text)) return false;
    throw new UsageError(`'${text}' is neither 1 nor 0`);
  },
  check: (value: unknown) => (typeof value === 'boolean' ? null : 'must be true or false'),
};

const text = {
  parse: (value: string): string => {
    if (value === '') throw new UsageError('must not be empty');
    return value;
  },
  check: (value: unknown) => (typeof value === 'string' && value !== '' ? null : 'must be a text, not empty'),
};

const httpUrl = {
  parse: (value: string): string => {
    const wrong = httpUrl.check(value);
    if (wrong !== null) throw new UsageError(`'${value}' ${wrong}`);
    return value.replace(/\/+$/, '');
  },
  check: (value: unknown) =>
    typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? '')
      ? null
      : 'must be an address such as http://127.0.0.1:8080',
};

const orNull = <T>(inner: { parse: (text: string) => T; check: (value: unknown) => string | null }) => ({
  parse: inner.parse as (text: string) => T | null,
  check: (value: unknown) => (value === null ? null : inner.check(value)),
});

export function parseRange(value: string): IndexRange[] {
  return value.split(',').map((part) => {
    const match = /^\s*(\d+)\s*(?:(-)\s*(\d*)\s*)?$/.exec(part);
    const from = Number(match?.[1]);
    const to = match?.[2] === undefined ? from : match[3] === '' ? null : Number(match[3]);
    if (match === null || from < 1 || (to !== null && to < from)) {
      throw new UsageError(`'${part}' is not a range: write 1-20, 7 or 40-, from 1 up, commas between`);
    }
    return { from, to };
  });
}

const ranges = {
  parse: parseRange,
  check: (value: unknown) =>
    Array.isArray(value) &&
    value.every(({ from, to }) => from >= 1 && (to === null || to >= from) && Number.isSafeInteger(from))
      ? null
      : 'must be ranges of positions from 1 up',
};

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const headers = {
  parse: (value: string, previous: Record<string, string> = {}): Record<string, string> => {
    const colon = value.indexOf(':');
    const [name, content] = [value.slice(0, colon).trim(), value.slice(colon + 1).trim()];
    if (colon < 1 || !token.test(name) || !headerValue.test(content)) {
      // The value may be a secret: it is not repeated.
      throw new UsageError(`a header is written 'Name: value'`);
    }
    return { ...previous, [name.toLowerCase()]: content };
  },
  check: (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([k, v]) => token.test(k) && typeof v === 'string' && headerValue.test(v))
      ? null
      : 'must be names and values of headers',
};

const define = <K extends keyof RunSpec>(option: RunOption<K>): RunOption => option as unknown as RunOption;

/** Every option of a run, in the order of the help. */
export const runOptions: readonly RunOption[] = Object.freeze([
  define({ key: 'dir', flags: '-d, --dir <dir>', default: 'downloads', help: 'where the files go', ...text }),
  define({
    key: 'input',
    flags: '-i, --input <file>',
    default: null,
    defaultText: 'none',
    help: 'a list, one URL a line, # comments, also .gz; - for standard input',
    ...orNull(text),
  }),
  define({
    key: 'strategy',
    flags: '-s, --strategy <name>',
    default: 'auto',
    help: strategyNames.join(', '),
    ...oneOf(...strategyNames),
  }),
  define({
    key: 'concurrency',
    flags: '-c, --concurrency <n>',
    default: 100,
    help: 'in flight in all, for async; a ceiling for auto',
    ...whole(1, 10_000),
  }),
  define({
    key: 'workers',
    flags: '-w, --workers <n>',
    default: null,
    defaultText: '5 threads, a process a core',
    help: 'threads or processes',
    ...orNull(whole(1, 256)),
  }),
  define({
    key: 'perWorker',
    flags: '--per-worker <n>',
    default: 1,
    help: 'in flight in each thread or process',
    ...whole(1, 10_000),
  }),
  define({
    key: 'perHost',
    flags: '--per-host <n>',
    default: 100,
    help: 'in flight to one host, at most',
    ...whole(1, 10_000),
  }),
  define({
    key: 'name',
    flags: '--name <template>',
    default: '{album}/{id}.{ext}',
    help: 'output names, of {album} {album.title} {id} {index} {index:03} {title} {host} {path} {name} {sha256} {remote} {ext}; without an album {host}/{name}.{ext}',
    ...text,
  }),
  define({
    key: 'range',
    flags: '--range <ranges>',
    default: [],
    defaultText: 'all',
    help: 'positions in the source, as in 1-20,40-',
    ...ranges,
  }),
  define({
    key: 'prefer',
    flags: '--prefer <kind>',
    default: 'mp4',
    help: 'mp4 or gif, for animated pictures that the source has as both',
    ...oneOf('mp4', 'gif'),
  }),
  define({
    key: 'retries',
    flags: '--retries <n>',
    default: 4,
    help: 'tries after the first',
    ...whole(0, 100),
  }),
  define({
    key: 'timeoutMs',
    flags: '--timeout <time>',
    default: 300_000,
    defaultText: '5m',
    help: 'for a whole item, all tries included',
    ...measured(parseDuration, 1, 'milliseconds'),
  }),
  define({
    key: 'connectTimeoutMs',
    flags: '--connect-timeout <time>',
    default: 10_000,
    defaultText: '10s',
    help: 'for a connection',
    ...measured(parseDuration, 1, 'milliseconds'),
  }),
  define({
    key: 'stallTimeoutMs',
    flags: '--stall-timeout <time>',
    default: 20_000,
    defaultText: '20s',
    help: 'without a byte, or under 1 KiB/s',
    ...measured(parseDuration, 1, 'milliseconds'),
  }),
  define({
    key: 'patienceMs',
    flags: '--patience <time>',
    default: 30_000,
    defaultText: '30s',
    help: 'longest that one item or listing waits because the server asked for it',
    ...measured(parseDuration, 0, 'milliseconds'),
  }),
  define({
    key: 'maxBytes',
    flags: '--max-bytes <size>',
    default: 2e9,
    defaultText: '2GB',
    help: 'largest file',
    ...measured(parseSize, 1, 'bytes'),
  }),
  define({
    key: 'limitBytesPerSecond',
    flags: '--limit-rate <rate>',
    default: null,
    defaultText: 'none',
    help: 'bytes a second in all, as in 2MB/s',
    ...orNull(measured(parseRate, 1, 'bytes a second')),
  }),
  define({
    key: 'check',
    flags: '--check <how>',
    default: 'magic',
    help: 'magic: first bytes, end marker and length; none: the length alone',
    ...oneOf('magic', 'none'),
  }),
  define({
    key: 'anyType',
    flags: '--any-type',
    default: false,
    help: 'keep what is neither a picture nor a video, too',
    ...flag,
  }),
  define({
    key: 'headers',
    flags: '--header <name: value>',
    default: {},
    defaultText: 'none',
    help: 'sent to the host of each item; may be repeated',
    ...headers,
  }),
  define({
    key: 'userAgent',
    flags: '--user-agent <text>',
    default: 'gallop/0.1.0',
    help: 'what servers see; a way to reach you in it is good manners',
    ...text,
  }),
  define({
    key: 'cookiesFile',
    flags: '--cookies <file>',
    default: null,
    defaultText: 'none',
    help: 'cookies in the Netscape format',
    ...orNull(text),
  }),
  define({
    key: 'proxy',
    flags: '--proxy <url>',
    default: null,
    defaultText: 'HTTP_PROXY, HTTPS_PROXY, NO_PROXY',
    help: 'for every request',
    ...orNull(httpUrl),
  }),
  define({
    key: 'info',
    flags: '--info',
    default: false,
    help: 'a .json beside each file with what the source said',
    ...flag,
  }),
  define({
    key: 'failedFile',
    flags: '--failed <file>',
    default: null,
    defaultText: 'none',
    help: 'the failed items as a list that -i reads',
    ...orNull(text),
  }),
  define({
    key: 'fsync',
    flags: '--fsync',
    default: false,
    help: 'sync each file to the disk before it appears',
    ...flag,
  }),
  define({
    key: 'allowPrivate',
    flags: '--allow-private',
    default: false,
    help: 'listings and redirects may lead to private addresses',
    ...flag,
  }),
  define({
    key: 'allowDowngrade',
    flags: '--allow-downgrade',
    default: false,
    help: 'redirects may lead from https to http',
    ...flag,
  }),
  define({
    key: 'imgurApi',
    flags: '--imgur-api <url>',
    default: 'https://api.imgur.com',
    help: "Imgur's API on another host",
    ...httpUrl,
  }),
]);

/** The long flag without dashes, in camel case: the option's name in the configuration file. */
export function configName(option: RunOption): string {
  const long = /--([a-z-]+)/.exec(option.flags)![1]!;
  return long.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `GALLOP_PER_HOST` for `--per-host`. */
export function environmentName(option: RunOption): string {
  return `GALLOP_${/--([a-z-]+)/.exec(option.flags)![1]!.toUpperCase().replaceAll('-', '_')}`;
}

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

/** What a parsed `gallop.config.json` says: texts as on the command line, or numbers, truth values and objects. */
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
    result[option.key] =
      typeof value === 'string' ? named(`${file}: ${name}`, () => option.parse(value)) : value;
    const wrong = option.check(result[option.key]);
    if (wrong !== null) throw new UsageError(`${file}: ${name} ${wrong}`);
  }
  return result as Partial<RunSpec>;
}

export const defaultRunSpec: Readonly<RunSpec> = Object.freeze({
  sources: [],
  ...Object.fromEntries(runOptions.map((option) => [option.key, option.default])),
} as unknown as RunSpec);

/** Fills in the defaults and checks every value; throws a UsageError that names the first bad one. */
export function resolveRunSpec(given: Partial<RunSpec>): RunSpec {
  const spec = { ...defaultRunSpec } as Record<string, unknown>;
  const known = new Map<string, RunOption>(runOptions.map((option) => [option.key, option]));
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || key === 'sources') continue;
    const option = known.get(key);
    if (option === undefined) throw new UsageError(`there is no option '${key}'`);
    const wrong = option.check(value);
    if (wrong !== null) throw new UsageError(`${key} ${wrong}`);
    spec[key] = value;
  }
  const sources = given.sources ?? [];
  if (!Array.isArray(sources) || sources.some((source) => typeof source !== 'string' || source === '')) {
    throw new UsageError('sources must be texts: URLs, imgur:ID or demo:');
  }
  return { ...(spec as unknown as RunSpec), sources: [...sources] };
}
