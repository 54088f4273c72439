import {
  digestColumn,
  duplicates,
  duration,
  flag,
  headers,
  headerText,
  httpUrl,
  mimeTypes,
  names,
  type OptionKind,
  oneOf,
  orNull,
  ranges,
  rate,
  ratio,
  size,
  text,
  texts,
  whole,
} from './option-kinds.ts';
import { type RunSpec, strategyNames } from './run-spec.ts';
import { digestNames, pictureFormats, resizeModes } from './stage.ts';
import { version } from './version.ts';

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

const define = <K extends keyof RunSpec>(option: RunOption<K>): RunOption => option as unknown as RunOption;

/** Every option of a run, in the order of the help. */
export const runOptions: readonly RunOption[] = Object.freeze([
  define({ key: 'dir', flags: '-d, --dir <dir>', default: 'downloads', help: 'where the files go', ...text }),
  define({
    key: 'input',
    flags: '-i, --input <file>',
    default: [],
    defaultText: 'none',
    help: 'a list, one URL a line, # comments; a table (.csv .tsv .jsonl .parquet); a folder of them; also .gz; - for standard input; may be repeated',
    ...texts,
  }),
  define({
    key: 'inputFormat',
    flags: '--input-format <name>',
    default: null,
    defaultText: 'by its name',
    help: 'list, csv, tsv, jsonl or parquet',
    ...orNull(oneOf('list', 'csv', 'tsv', 'jsonl', 'parquet')),
  }),
  define({
    key: 'urlColumn',
    flags: '--url-column <name>',
    default: null,
    defaultText: 'url',
    help: 'of a table: the column of the addresses',
    ...orNull(text),
  }),
  define({
    key: 'captionColumn',
    flags: '--caption-column <name>',
    default: null,
    defaultText: 'none',
    help: 'of a table: the text that goes with each picture',
    ...orNull(text),
  }),
  define({
    key: 'columns',
    flags: '--columns <names>',
    default: null,
    defaultText: 'all',
    help: 'of a table: what is kept beside, commas between',
    ...orNull(names),
  }),
  define({
    key: 'digestColumn',
    flags: '--digest-column <digest:name>',
    default: null,
    defaultText: 'none',
    help: 'of a table: what the bytes have to have, as in sha256:COLUMN',
    ...orNull(digestColumn),
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
  define({
    key: 'maxBytes',
    flags: '--max-bytes <size>',
    default: 2e9,
    defaultText: '2GB',
    help: 'largest file',
    ...size,
  }),
  define({
    key: 'limitBytesPerSecond',
    flags: '--limit-rate <rate>',
    default: null,
    defaultText: 'none',
    help: 'bytes a second in all, as in 2MB/s',
    ...orNull(rate),
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
    key: 'info',
    flags: '--info',
    default: false,
    help: 'a .json beside each file with what the source said, and what was found of the picture',
    ...flag,
  }),
  define({
    key: 'resize',
    flags: '--resize <pixels>',
    default: null,
    defaultText: 'no',
    help: 'bring every picture to this size, while others are fetched',
    ...orNull(whole(1, 16_384)),
  }),
  define({
    key: 'resizeMode',
    flags: '--resize-mode <mode>',
    default: 'keep_ratio_largest',
    help: `${resizeModes.join(', ')}: what has the size`,
    ...oneOf(...resizeModes),
  }),
  define({
    key: 'onlyIfBigger',
    flags: '--only-if-bigger',
    default: false,
    help: 'no picture is made larger',
    ...flag,
  }),
  define({
    key: 'format',
    flags: '--format <name>',
    default: 'keep',
    help: `${pictureFormats.join(', ')}: what pictures are written as`,
    ...oneOf(...pictureFormats),
  }),
  define({
    key: 'quality',
    flags: '--quality <n>',
    default: null,
    defaultText: "the format's own",
    help: 'of what is written anew, 1 to 100',
    ...orNull(whole(1, 100)),
  }),
  define({
    key: 'stripMetadata',
    flags: '--strip-metadata',
    default: false,
    help: 'no EXIF, XMP or IPTC in the files, but how they are to be turned',
    ...flag,
  }),
  define({
    key: 'frames',
    flags: '--frames <which>',
    default: 'all',
    help: 'all or first, of animated pictures and of the pages of a TIFF',
    ...oneOf('all', 'first'),
  }),
  define({
    key: 'svg',
    flags: '--svg',
    default: false,
    help: 'SVG is a picture, too; it is drawn where a size or a format is asked for',
    ...flag,
  }),
  define({
    key: 'minSize',
    flags: '--min-size <pixels>',
    default: null,
    defaultText: 'none',
    help: 'skip pictures whose smaller side has fewer',
    ...orNull(whole(1, 1_000_000)),
  }),
  define({
    key: 'maxAspect',
    flags: '--max-aspect <ratio>',
    default: null,
    defaultText: 'none',
    help: 'skip pictures that are longer than so many times their smaller side',
    ...orNull(ratio),
  }),
  define({
    key: 'maxPixels',
    flags: '--max-pixels <n>',
    default: null,
    defaultText: 'none',
    help: 'skip pictures of more pixels in all',
    ...orNull(whole(1, Number.MAX_SAFE_INTEGER)),
  }),
  define({
    key: 'mime',
    flags: '--mime <types>',
    default: [],
    defaultText: 'all',
    help: 'skip what is none of these, as in image/jpeg,image/png',
    ...mimeTypes,
  }),
  define({
    key: 'hash',
    flags: '--hash <digest>',
    default: 'sha256',
    help: `${digestNames.join(', ')}: of the original, recorded beside its SHA-256`,
    ...oneOf(...digestNames),
  }),
  define({
    key: 'phash',
    flags: '--phash',
    default: false,
    help: 'record a perceptual hash of each picture',
    ...flag,
  }),
  define({
    key: 'blurhash',
    flags: '--blurhash',
    default: false,
    help: 'record a BlurHash of each picture, a placeholder for pages',
    ...flag,
  }),
  define({
    key: 'duplicates',
    flags: '--duplicates <how>',
    default: 'keep',
    help: 'keep them; digest: one of those with the same bytes; 0 to 16: one of those whose perceptual hashes differ in so many bits',
    ...duplicates,
  }),
  define({
    key: 'output',
    flags: '--output <kind>',
    default: null,
    defaultText: 'files under their names',
    help: 'a data set in shards: files, webdataset or parquet',
    ...orNull(oneOf('files', 'webdataset', 'parquet')),
  }),
  define({
    key: 'shardSize',
    flags: '--shard-size <n>',
    default: 10_000,
    help: 'rows of a shard',
    ...whole(1, 1_000_000),
  }),
  define({
    key: 'ignoreRobots',
    flags: '--ignore-robots',
    default: false,
    help: 'data sets take what X-Robots-Tag asks to leave out, too',
    ...flag,
  }),
  define({
    key: 'failedFile',
    flags: '--failed <file>',
    default: null,
    defaultText: 'none',
    help: 'the failed items as a list that -i reads; as rows with their columns where it ends in .jsonl',
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

export const defaultRunSpec: Readonly<RunSpec> = Object.freeze({
  sources: [],
  ...Object.fromEntries(runOptions.map((option) => [option.key, option.default])),
} as unknown as RunSpec);
