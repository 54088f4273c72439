import { flag, oneOf, orNull, whole } from './option-kinds.ts';
import { define, type RunOption } from './run-option.ts';

/** Of what is packed into shards. */
export const dataSetOptions: readonly RunOption[] = [
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
];
