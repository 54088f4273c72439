import { version } from '../version.ts';
import {
  duration,
  flag,
  headers,
  headerText,
  httpUrl,
  oneOf,
  orNull,
  size,
  text,
  whole,
} from './option-kinds.ts';
import { define, type RunOption } from './run-option.ts';

/** How long is waited, and how often tried. */
export const waitingOptions: readonly RunOption[] = [
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
    ...duration(1),
  }),
  define({
    key: 'connectTimeoutMs',
    flags: '--connect-timeout <time>',
    default: 10_000,
    defaultText: '10s',
    help: 'for a look-up, and for a connection',
    ...duration(1),
  }),
  define({
    key: 'stallTimeoutMs',
    flags: '--stall-timeout <time>',
    default: 20_000,
    defaultText: '20s',
    help: 'without a byte, or under 1 KiB/s',
    ...duration(1),
  }),
  define({
    key: 'patienceMs',
    flags: '--patience <time>',
    default: 30_000,
    defaultText: '30s',
    help: 'longest that one item or listing waits because the server asked for it',
    ...duration(0),
  }),
];

/** What is taken of what servers answer. */
export const acceptanceOptions: readonly RunOption[] = [
  define({
    key: 'maxBytes',
    flags: '--max-bytes <size>',
    default: 2e9,
    defaultText: '2GB',
    help: 'largest file',
    ...size,
  }),
  define({
    key: 'check',
    flags: '--check <how>',
    default: 'magic',
    help: 'magic: first bytes, length, end marker; full: every pixel of JPEG, PNG, GIF, WebP, AVIF and TIFF, too; none: all but the end marker',
    ...oneOf('magic', 'full', 'none'),
  }),
  define({
    key: 'anyType',
    flags: '--any-type',
    default: false,
    help: 'keep what is neither a picture nor a video, too',
    ...flag,
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
];

/** What is sent, and to whom. */
export const requestOptions: readonly RunOption[] = [
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
    default: `gallop/${version}`,
    help: 'what servers see; a way to reach you in it is good manners',
    ...headerText,
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
    key: 'imgurApi',
    flags: '--imgur-api <url>',
    default: 'https://api.imgur.com',
    help: "Imgur's API on another host",
    ...httpUrl,
  }),
];
