import { strategyNames } from '../run-spec.ts';
import { oneOf, orNull, rate, whole } from './option-kinds.ts';
import { define, type RunOption } from './run-option.ts';

/** How many downloads there are at once, where, and how fast. */
export const concurrencyOptions: readonly RunOption[] = [
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
    default: null,
    defaultText: '100, a ceiling of 512 for auto',
    help: 'in flight in all, for async; a ceiling for auto',
    ...orNull(whole(1, 10_000)),
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
    default: null,
    defaultText: '100, 2 for Wikimedia',
    help: 'in flight to one host, at most',
    ...orNull(whole(1, 10_000)),
  }),
  define({
    key: 'segments',
    flags: '--segments <n>',
    default: 1,
    help: 'connections for one file of 8 MiB or more, where its server can; they count against --per-host',
    ...whole(1, 16),
  }),
  define({
    key: 'limitBytesPerSecond',
    flags: '--limit-rate <rate>',
    default: null,
    defaultText: 'none',
    help: 'bytes a second in all, as in 2MB/s',
    ...orNull(rate),
  }),
];
