import { UsageError } from '../core/errors.ts';
import { oneOf, whole } from '../core/option-kinds.ts';
import { parseDuration, parseRate, parseSize } from '../core/units.ts';
import type { TlsIdentity } from './tls-listener.ts';

export const pictureKinds = ['jpeg', 'png', 'webp', 'gif', 'animated'] as const;
/** `animated` is a GIF with an MP4 twin. */
export type PictureKind = (typeof pictureKinds)[number];

export interface OriginOptions {
  /** Pictures in the main album. */
  images: number;
  /** Everything that is drawn by lot - pictures, sizes, think times, faults - follows from it. */
  seed: number;
  /** Mean size of a picture. */
  bytes: number;
  /** The first is most of the pictures, the others are one in twelve each. */
  kinds: PictureKind[];
  /** Round trip. */
  rttMs: number;
  /** The server's own time before it answers: from, to. */
  thinkMs: [min: number, max: number];
  /** Null: as fast as it goes. */
  connectionBytesPerSecond: number | null;
  /** Shared fairly by all connections. Null: as fast as it goes. */
  linkBytesPerSecond: number | null;
  /** Begin each connection with 10 segments a round trip and double, as TCP does. */
  slowStart: boolean;
  /** Picture requests in flight above which the server resists. Null: never. */
  knee: number | null;
  /** How it resists: by answering 429, or by serving everyone slower in proportion. */
  kneeMode: '429' | 'slow';
  /** Share of the pictures that fail before they succeed, 0 to 1. */
  faultShare: number;
  /** The only client id that the API takes. Null: any. */
  clientId: string | null;
  /** 0: any free one. */
  port: number;
  /** Serves https, and https alone, with this key and certificate. Null: http. Not to be had in `demo:`. */
  tls: TlsIdentity | null;
}

/** A far album that takes one connection about 20 s, and many at once about one. */
export const defaultOriginOptions: Readonly<OriginOptions> = Object.freeze({
  images: 40,
  seed: 1,
  bytes: 300_000,
  kinds: ['jpeg', 'png', 'webp', 'gif'],
  rttMs: 40,
  thinkMs: [30, 90],
  connectionBytesPerSecond: 1_000_000,
  linkBytesPerSecond: 50_000_000,
  slowStart: true,
  knee: null,
  kneeMode: '429',
  faultShare: 0,
  clientId: null,
  port: 0,
  tls: null,
} satisfies OriginOptions);

/** Nothing emulated: for tests of something else than the network. */
export const instantNetwork = Object.freeze({
  rttMs: 0,
  thinkMs: [0, 0],
  connectionBytesPerSecond: null,
  linkBytesPerSecond: null,
  slowStart: false,
} satisfies Partial<OriginOptions>);

const none = (text: string) => text === 'none' || text === 'off';

function sizeBetween(text: string, min: number, max: number): number {
  const value = parseSize(text);
  if (value < min || value > max) throw new UsageError(`'${text}' is not from ${min} to ${max} bytes`);
  return value;
}

function duration(text: string): number {
  const value = parseDuration(text);
  if (value > 600_000) throw new UsageError(`'${text}' is longer than 10m`);
  return value;
}

/** `60ms`, `30ms-90ms`, `30-90ms`. */
function durationRange(text: string): [number, number] {
  const [from = '', to = from, ...rest] = text.split('-');
  if (rest.length > 0) throw new UsageError(`'${text}' is not a range of durations: write 30-90ms`);
  const unit = /[a-z]+$/.exec(to)?.[0] ?? '';
  const range: [number, number] = [duration(/[a-z]$/.test(from) ? from : from + unit), duration(to)];
  if (range[0] > range[1]) throw new UsageError(`'${text}' ends before it begins: write 30-90ms`);
  return range;
}

function rate(text: string): number {
  const value = parseRate(text);
  if (value > 1e12) throw new UsageError(`'${text}' is more than 1TB/s: write none`);
  return value;
}

/** `5%` or `0.05` to 0.05. */
function share(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(value >= 0 && value <= 1)) throw new UsageError(`'${text}' is not a share: write 5% or 0.05`);
  return value;
}

interface Parameter<K extends keyof OriginOptions> {
  key: K;
  parse(text: string): OriginOptions[K];
}

const parameters = {
  images: { key: 'images', parse: whole(0, 100_000).parse } satisfies Parameter<'images'>,
  seed: { key: 'seed', parse: whole(0, 2 ** 32 - 1).parse } satisfies Parameter<'seed'>,
  bytes: { key: 'bytes', parse: (text) => sizeBetween(text, 2_000, 20_000_000) } satisfies Parameter<'bytes'>,
  kinds: {
    key: 'kinds',
    parse: (text) => [...new Set(text.split(',').map((kind) => oneOf(...pictureKinds).parse(kind.trim())))],
  } satisfies Parameter<'kinds'>,
  rtt: { key: 'rttMs', parse: duration } satisfies Parameter<'rttMs'>,
  think: { key: 'thinkMs', parse: durationRange } satisfies Parameter<'thinkMs'>,
  connection: {
    key: 'connectionBytesPerSecond',
    parse: (text) => (none(text) ? null : rate(text)),
  } satisfies Parameter<'connectionBytesPerSecond'>,
  link: {
    key: 'linkBytesPerSecond',
    parse: (text) => (none(text) ? null : rate(text)),
  } satisfies Parameter<'linkBytesPerSecond'>,
  slowstart: {
    key: 'slowStart',
    parse: (text) => oneOf('on', 'off').parse(text) === 'on',
  } satisfies Parameter<'slowStart'>,
  knee: {
    key: 'knee',
    parse: (text) => (none(text) ? null : whole(1, 100_000).parse(text)),
  } satisfies Parameter<'knee'>,
  kneemode: {
    key: 'kneeMode',
    parse: oneOf('429', 'slow').parse,
  } satisfies Parameter<'kneeMode'>,
  faults: { key: 'faultShare', parse: share } satisfies Parameter<'faultShare'>,
  port: { key: 'port', parse: whole(0, 65_535).parse } satisfies Parameter<'port'>,
};

/**
 * Reads what stands after `demo:`, such as `?images=200&rtt=40ms&think=30-90ms&connection=1MB/s&knee=24`.
 * Throws a `UsageError` that names the parameter, what is wrong with it and what would be right.
 */
export function parseOriginOptions(query: string): OriginOptions {
  const options: OriginOptions = { ...defaultOriginOptions };
  const text = query.replace(/^\/{0,2}\??/, '');
  if (text === '') return options;
  const seen = new Set<string>();
  for (const pair of text.split('&').filter((part) => part !== '')) {
    const [name, value] = splitPair(pair);
    const parameter = Object.hasOwn(parameters, name)
      ? parameters[name as keyof typeof parameters]
      : undefined;
    if (parameter === undefined) {
      throw new UsageError(`demo: has no parameter '${name}'; it has ${Object.keys(parameters).join(', ')}`);
    }
    if (seen.has(name)) throw new UsageError(`demo: ${name} is given twice`);
    seen.add(name);
    try {
      Object.assign(options, { [parameter.key]: parameter.parse(value) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`demo: ${name}: ${error.message}`, { cause: error });
    }
  }
  return options;
}

function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  if (at <= 0) throw new UsageError(`demo: '${pair}' is not NAME=VALUE, as in demo:?images=200&rtt=40ms`);
  const decode = (part: string) => {
    try {
      return decodeURIComponent(part).trim();
    } catch {
      return part;
    }
  };
  return [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
}
