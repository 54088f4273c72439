import { UsageError } from '../errors.ts';
import { quoted } from '../printable-url.ts';
import type { IndexRange } from '../run-spec.ts';
import { type DigestName, digestNames } from '../stage.ts';
import { parseDuration, parseRate, parseSize } from '../units.ts';

/** A kind of value that an option may have. */
export interface OptionKind<T> {
  /** From text to value; throws a UsageError that says what would be right. */
  parse: (text: string, previous?: T) => T;
  /** What is wrong with a value, or null: for values that come as data, not as text. */
  check: (value: unknown) => string | null;
  /** In a file it has to be written as a text, as this one is: a plain number would not tell its unit. */
  textOnly?: string;
  /** What a value that comes as data stands for, where it may be written shorter. */
  settle?: (given: unknown) => unknown;
}

export const oneOf = <T extends string>(...choices: readonly T[]) => ({
  parse: (text: string): T => {
    if (!(choices as readonly string[]).includes(text)) {
      throw new UsageError(`${quoted(text)} is not one of ${choices.join(', ')}`);
    }
    return text as T;
  },
  check: (value: unknown) =>
    (choices as readonly unknown[]).includes(value) ? null : `must be one of ${choices.join(', ')}`,
});

/** A number that is read from its text by `read`. */
const checked = (read: (text: string) => number, check: (value: unknown) => string | null) => ({
  check,
  parse: (text: string): number => {
    const value = read(text);
    const wrong = check(value);
    if (wrong !== null) throw new UsageError(`${quoted(text)} ${wrong}`);
    return value;
  },
});

export const whole = (min: number, max: number) =>
  checked(
    (text) => (/^\d+$/.test(text.trim()) ? Number(text) : Number.NaN),
    (value) =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
        ? null
        : `must be a whole number from ${min} to ${max}`,
  );

const measured = (read: (text: string) => number, min: number, unit: string) =>
  checked(read, (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= Number.MAX_SAFE_INTEGER
      ? null
      : `must be a number of ${unit}, ${min} or more`,
  );

export const duration = (min: number) => ({
  ...measured(parseDuration, min, 'milliseconds'),
  textOnly: '8s',
});
export const size = measured(parseSize, 1, 'bytes');
export const rate = { ...measured(parseRate, 1, 'bytes a second'), textOnly: '2MB/s' };

/** A switch's text comes from the environment only: `GALLOP_INFO=1`. */
export const flag = {
  parse: (text: string): boolean => {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off|)$/i.test(text)) return false;
    throw new UsageError(`${quoted(text)} is neither 1 nor 0`);
  },
  check: (value: unknown) => (typeof value === 'boolean' ? null : 'must be true or false'),
};

/** `1`, `true`, `yes`, `on` and their opposites. Throws a `UsageError`. */
export const parseSwitch = flag.parse;

export const text = {
  parse: (value: string): string => {
    if (value === '') throw new UsageError('must not be empty');
    return value;
  },
  check: (value: unknown) => (typeof value === 'string' && value !== '' ? null : 'must be a text, not empty'),
};

/** Texts, each given on its own; a comma is a part of one. One alone needs no list, and null stands for none. */
export const texts = {
  parse: (value: string, previous: string[] = []): string[] => [...previous, text.parse(value)],
  check: (value: unknown) =>
    Array.isArray(value) && value.every((one) => text.check(one) === null)
      ? null
      : 'must be a text or a list of texts, not empty',
  settle: (given: unknown): unknown =>
    given === null ? [] : typeof given === 'string' ? [given] : Array.isArray(given) ? [...given] : given,
};

/** Words with commas between. */
export const names = {
  parse: (value: string): string[] => {
    const found = value.split(',').map((name) => name.trim());
    if (found.includes('')) throw new UsageError(`${quoted(value)} has an empty name in it`);
    return found;
  },
  check: (value: unknown) =>
    Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
      ? null
      : 'must be texts, not empty',
};

const mimeType = /^[a-z]+\/[a-z0-9.+-]+$/;

/** What is no type would leave out everything. */
export const mimeTypes = {
  parse: (value: string): string[] => {
    const found = names.parse(value.toLowerCase());
    const wrong = found.find((name) => !mimeType.test(name));
    // All of it: a part of an address given by mistake could not be told from its password.
    if (wrong !== undefined)
      throw new UsageError(`${quoted(value)} is not a type, or several: write image/jpeg,image/png`);
    return found;
  },
  check: (value: unknown) =>
    names.check(value) === null && (value as string[]).every((name) => mimeType.test(name))
      ? null
      : 'must be types, as in image/jpeg',
};

export const ratio = checked(
  (value) => (/^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : Number.NaN),
  (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 1
      ? null
      : 'must be a number, 1 or more, as in 2.5',
);

/** Bits of 64: pictures that differ in more have nothing in common. */
const bits = whole(0, 16);

export const duplicates = {
  parse: (value: string): 'keep' | 'digest' | number => {
    const found = value === 'keep' || value === 'digest' ? value : bits.parse(value);
    return found;
  },
  check: (value: unknown) =>
    value === 'keep' || value === 'digest' || bits.check(value) === null
      ? null
      : 'must be keep, digest, or a number of bits from 0 to 16',
};

export const digestColumn = {
  parse: (value: string): { digest: DigestName; column: string } => {
    const colon = value.indexOf(':');
    const found = { digest: value.slice(0, colon), column: value.slice(colon + 1) };
    const wrong = digestColumn.check(found);
    if (wrong !== null)
      throw new UsageError(`${quoted(value)} is not a digest and a column: write sha256:COLUMN`);
    return found as { digest: DigestName; column: string };
  },
  check: (value: unknown) => {
    const { digest, column } = Object(value) as Record<string, unknown>;
    return (digestNames as readonly unknown[]).includes(digest) && typeof column === 'string' && column !== ''
      ? null
      : `must be a digest (${digestNames.join(', ')}) and a column`;
  },
};

export const httpUrl = {
  parse: (value: string): string => {
    const wrong = httpUrl.check(value);
    if (wrong !== null) throw new UsageError(`${quoted(value)} ${wrong}`);
    return value.replace(/\/+$/, '');
  },
  check: (value: unknown) =>
    typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? '')
      ? null
      : 'must be an address such as http://127.0.0.1:8080',
};

export const orNull = <T>({ parse, check, ...rest }: OptionKind<T>): OptionKind<T | null> => ({
  ...rest,
  parse: (value) => parse(value),
  check: (value) => (value === null ? null : check(value)),
});

export function parseRange(value: string): IndexRange[] {
  return value.split(',').map((part) => {
    const match = /^\s*(\d+)\s*(?:(-)\s*(\d*)\s*)?$/.exec(part);
    const from = Number(match?.[1]);
    const to = match?.[2] === undefined ? from : match[3] === '' ? null : Number(match[3]);
    if (!isRange({ from, to })) {
      // All of it: a part of an address given by mistake could not be told from its password.
      throw new UsageError(
        `${quoted(value)} is not a range: write 1-20, 7 or 40-, from 1 up, commas between`,
      );
    }
    return { from, to };
  });
}

const isPosition = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

const isRange = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { from, to } = value as Partial<Record<keyof IndexRange, unknown>>;
  return isPosition(from) && (to === null || (isPosition(to) && to >= from));
};

export const ranges = {
  parse: parseRange,
  check: (value: unknown) =>
    Array.isArray(value) && value.every(isRange)
      ? null
      : "must be ranges of positions from 1 up, as in '1-20,40-'",
};

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
export const headers = {
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
    !Array.isArray(value) &&
    Object.entries(value).every(([k, v]) => token.test(k) && typeof v === 'string' && headerValue.test(v))
      ? null
      : 'must be names and values of headers, as in {"x-name": "value"}',
};

/** A text that is sent as the value of a header. */
export const headerText = {
  parse: (value: string): string => {
    const wrong = headerText.check(value);
    if (wrong !== null) throw new UsageError(wrong);
    return value;
  },
  check: (value: unknown) =>
    typeof value === 'string' && value !== '' && headerValue.test(value)
      ? null
      : 'must be a text that a header can hold, not empty',
};
