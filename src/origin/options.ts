import { UsageError } from '../core/errors.ts';
import { oneOf, whole } from '../core/options/option-kinds.ts';
import {
  byteRate,
  type ChangeMoment,
  changeMoment,
  duration,
  durationRange,
  factor,
  orNone,
  type SizeClass,
  share,
  sizeBetween,
  sizeMix,
} from './option-texts.ts';
import type { TlsIdentity } from './tls-listener.ts';

export const pictureKinds = ['jpeg', 'png', 'webp', 'gif', 'animated'] as const;
/** `animated` is a GIF with an MP4 twin. */
export type PictureKind = (typeof pictureKinds)[number];

export const kneeModes = ['429', '503', 'slow', 'collapse'] as const;
/**
 * How a host resists: by refusing with that status; by serving everyone slower in proportion, so that the
 * goodput stays; or slower with the square of it, so that the goodput falls.
 */
export type KneeMode = (typeof kneeModes)[number];

export const changeable = [
  'rttMs',
  'thinkMs',
  'connectionBytesPerSecond',
  'linkBytesPerSecond',
  'knee',
  'kneeMode',
  'requestsPerSecond',
  'workers',
] as const;
/** What may change in the middle of a run. */
export type Changeable = Pick<OriginOptions, (typeof changeable)[number]>;

/** 127.0.0.1 to 127.0.3.250, 250 in each part. */
export const maxHosts = 1000;

export interface OriginOptions {
  /** Pictures in the main album. */
  images: number;
  /** Everything that is drawn by lot - pictures, sizes, think times, faults - follows from it. */
  seed: number;
  /** Mean size of a picture. */
  bytes: number;
  /** Shares of sizes, in the place of one mean. Null: `bytes`. */
  mix: SizeClass[] | null;
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
  /** Picture requests in flight above which a host resists. Null: never. */
  knee: number | null;
  kneeMode: KneeMode;
  /** Picture requests a second above which a host answers `rateStatus`, as nginx's limit_req does. Null: any number. */
  requestsPerSecond: number | null;
  /** So many requests may come at once before the rate is kept. */
  burst: number;
  rateStatus: 429 | 503;
  /** Share of the requests for pictures, drawn by lot, that are answered `rateStatus` whatever is in flight, 0 to 1. */
  refusedShare: number;
  /** What a 429 or 503 of the knee, the rate or the lot says. Null: nothing. */
  retryAfterSeconds: number | null;
  /** Each of a host's workers thinks about one request at a time, and the others queue. Null: there are always enough. */
  workers: number | null;
  /** Open connections above which a host resets new ones. Null: it takes them all. */
  maxConnections: number | null;
  /** Connections over which a host serves pictures; others wait, without a word, until one is closed. Null: all. */
  servedConnections: number | null;
  /** Addresses that the pictures are spread over, from 127.0.0.1 up, each with limits of its own. */
  hosts: number;
  /** Round trip, think time and bandwidth of a host lie within this factor of what is said here, drawn by lot. */
  hostSpread: number;
  /** When `changed` replaces what is said here, counted from the first picture asked for. Null: never. */
  change: ChangeMoment | null;
  changed: Partial<Changeable>;
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
  mix: null,
  kinds: ['jpeg', 'png', 'webp', 'gif'],
  rttMs: 40,
  thinkMs: [30, 90],
  connectionBytesPerSecond: 1_000_000,
  linkBytesPerSecond: 50_000_000,
  slowStart: true,
  knee: null,
  kneeMode: '429',
  requestsPerSecond: null,
  burst: 20,
  rateStatus: 503,
  refusedShare: 0,
  retryAfterSeconds: 1,
  workers: null,
  maxConnections: null,
  servedConnections: null,
  hosts: 1,
  hostSpread: 1,
  change: null,
  changed: {},
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
  mix: { key: 'mix', parse: orNone(sizeMix) } satisfies Parameter<'mix'>,
  rtt: { key: 'rttMs', parse: duration } satisfies Parameter<'rttMs'>,
  think: { key: 'thinkMs', parse: durationRange } satisfies Parameter<'thinkMs'>,
  connection: {
    key: 'connectionBytesPerSecond',
    parse: orNone(byteRate),
  } satisfies Parameter<'connectionBytesPerSecond'>,
  link: { key: 'linkBytesPerSecond', parse: orNone(byteRate) } satisfies Parameter<'linkBytesPerSecond'>,
  slowstart: {
    key: 'slowStart',
    parse: (text) => oneOf('on', 'off').parse(text) === 'on',
  } satisfies Parameter<'slowStart'>,
  knee: { key: 'knee', parse: orNone(whole(1, 100_000).parse) } satisfies Parameter<'knee'>,
  kneemode: { key: 'kneeMode', parse: oneOf(...kneeModes).parse } satisfies Parameter<'kneeMode'>,
  rate: {
    key: 'requestsPerSecond',
    parse: orNone(whole(1, 1_000_000).parse),
  } satisfies Parameter<'requestsPerSecond'>,
  burst: { key: 'burst', parse: whole(1, 100_000).parse } satisfies Parameter<'burst'>,
  ratestatus: {
    key: 'rateStatus',
    parse: (text) => (oneOf('429', '503').parse(text) === '429' ? 429 : 503),
  } satisfies Parameter<'rateStatus'>,
  refused: { key: 'refusedShare', parse: share } satisfies Parameter<'refusedShare'>,
  retryafter: {
    key: 'retryAfterSeconds',
    parse: orNone((text) => Math.ceil(duration(text) / 1000)),
  } satisfies Parameter<'retryAfterSeconds'>,
  workers: { key: 'workers', parse: orNone(whole(1, 10_000).parse) } satisfies Parameter<'workers'>,
  maxconnections: {
    key: 'maxConnections',
    parse: orNone(whole(1, 100_000).parse),
  } satisfies Parameter<'maxConnections'>,
  served: {
    key: 'servedConnections',
    parse: orNone(whole(1, 100_000).parse),
  } satisfies Parameter<'servedConnections'>,
  hosts: { key: 'hosts', parse: whole(1, maxHosts).parse } satisfies Parameter<'hosts'>,
  spread: { key: 'hostSpread', parse: factor } satisfies Parameter<'hostSpread'>,
  change: { key: 'change', parse: orNone(changeMoment) } satisfies Parameter<'change'>,
  faults: { key: 'faultShare', parse: share } satisfies Parameter<'faultShare'>,
  port: { key: 'port', parse: whole(0, 65_535).parse } satisfies Parameter<'port'>,
};

/** What stands before the parameters that hold after the change. */
const changedPrefix = 'changed.';

/**
 * Reads what stands after `demo:`, such as `?images=200&rtt=40ms&think=30-90ms&connection=1MB/s&knee=24`, or
 * `?rtt=20ms&change=2s&changed.rtt=80ms`.
 * Throws a `UsageError` that names the parameter, what is wrong with it and what would be right.
 */
export function parseOriginOptions(query: string): OriginOptions {
  const options: OriginOptions = { ...defaultOriginOptions, changed: {} };
  const text = query.replace(/^\/{0,2}\??/, '');
  const seen = new Set<string>();
  for (const pair of text.split('&').filter((part) => part !== '')) {
    const [name, value] = splitPair(pair);
    if (seen.has(name)) throw new UsageError(`demo: ${name} is given twice`);
    seen.add(name);
    const isLater = name.startsWith(changedPrefix);
    const parameter = parameterOf(isLater ? name.slice(changedPrefix.length) : name, isLater);
    try {
      Object.assign(isLater ? options.changed : options, { [parameter.key]: parameter.parse(value) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`demo: ${name}: ${error.message}`, { cause: error });
    }
  }
  return options;
}

function parameterOf(name: string, isLater: boolean) {
  const known = Object.entries(parameters).filter(([, { key }]) => !isLater || isChangeable(key));
  const found = known.find(([candidate]) => candidate === name);
  if (found !== undefined) return found[1];
  const names = known.map(([candidate]) => candidate).join(', ');
  const prefix = isLater ? changedPrefix : '';
  throw new UsageError(
    `demo: has no parameter '${prefix}${name}'; ${isLater ? `after ${prefix} stands one of` : 'it has'} ${names}`,
  );
}

export const isChangeable = (key: string): boolean => (changeable as readonly string[]).includes(key);

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
