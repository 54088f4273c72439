import { UsageError } from '../core/errors.ts';
import { addsUp, type SizeClass } from './option-texts.ts';
import {
  changeable,
  defaultOriginOptions,
  isChangeable,
  kneeModes,
  maxHosts,
  type OriginOptions,
  pictureKinds,
} from './options.ts';

type Check = [is: (value: unknown) => boolean, rule: string];

const number = (min: number, max: number, whole = true): Check => [
  (value) =>
    typeof value === 'number' && value >= min && value <= max && (!whole || Number.isSafeInteger(value)),
  `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
];
const orNull = ([is, rule]: Check): Check => [(value) => value === null || is(value), `${rule}, or null`];
const isKind = (value: unknown) => (pictureKinds as readonly unknown[]).includes(value);
const duration = number(0, 600_000, false);

function isTlsIdentity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { key, cert } = value as Record<string, unknown>;
  return typeof key === 'string' && typeof cert === 'string';
}

function isMoment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const { afterRequests, afterMs } = value as Record<string, unknown>;
  return number(0, 1e6)[0](afterRequests) || duration[0](afterMs);
}

const isMix = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((part) => number(0, 1, false)[0](part?.share) && number(2000, 20_000_000)[0](part?.bytes)) &&
  addsUp(value as SizeClass[]);

const isChange = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([key, item]) => isChangeable(key) && checks[key as keyof OriginOptions][0](item),
  );

const checks: Record<keyof OriginOptions, Check> = {
  images: number(0, 100_000),
  seed: number(0, 2 ** 32 - 1),
  bytes: number(2000, 20_000_000),
  mix: orNull([isMix, 'must be shares that add up to 1, and sizes: [{ share, bytes }]']),
  kinds: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isKind),
    `must be a list of ${pictureKinds.join(', ')}`,
  ],
  rttMs: duration,
  thinkMs: [
    (value) => Array.isArray(value) && value.length === 2 && value.every(duration[0]) && value[0] <= value[1],
    'must be two numbers of milliseconds, the smaller first',
  ],
  connectionBytesPerSecond: orNull(number(1, 1e12, false)),
  linkBytesPerSecond: orNull(number(1, 1e12, false)),
  slowStart: [(value) => typeof value === 'boolean', 'must be true or false'],
  knee: orNull(number(1, 100_000)),
  kneeMode: [
    (value) => (kneeModes as readonly unknown[]).includes(value),
    `must be '${kneeModes.join("', '")}'`,
  ],
  requestsPerSecond: orNull(number(0.1, 1e6, false)),
  burst: number(1, 100_000),
  refusedShare: number(0, 1, false),
  rateStatus: [(value) => value === 429 || value === 503, 'must be 429 or 503'],
  retryAfterSeconds: orNull(number(0, 600)),
  workers: orNull(number(1, 10_000)),
  maxConnections: orNull(number(1, 100_000)),
  servedConnections: orNull(number(1, 100_000)),
  hosts: number(1, maxHosts),
  hostSpread: number(1, 100, false),
  change: orNull([isMoment, 'must be { afterRequests } or { afterMs }']),
  changed: [isChange, `must have good values of ${changeable.join(', ')} alone`],
  faultShare: number(0, 1, false),
  clientId: orNull([(value) => typeof value === 'string' && value !== '', 'must be a text']),
  port: number(0, 65_535),
  tls: orNull([isTlsIdentity, 'must be a key and a certificate in PEM: { key, cert }']),
};

/** Fills in the defaults and checks every value; throws a `UsageError` that names the first bad one. */
export function resolveOriginOptions(given: Partial<OriginOptions>): OriginOptions {
  const options = { ...defaultOriginOptions } as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(checks, key)) {
      throw new UsageError(`the origin has no option '${key}'; it has ${Object.keys(checks).join(', ')}`);
    }
    const [is, rule] = checks[key as keyof OriginOptions];
    if (!is(value)) throw new UsageError(`the origin's ${key} ${rule}`);
    options[key] = value;
  }
  const resolved = options as unknown as OriginOptions;
  if (resolved.change === null && Object.keys(resolved.changed).length > 0) {
    throw new UsageError(
      "the origin's changed says what changes, but change does not say when: write change=2s",
    );
  }
  return resolved;
}
