import { digestColumn, flag, names, oneOf, orNull, ranges, text, texts } from './option-kinds.ts';
import { define, type RunOption } from './run-option.ts';

/** What is fetched, and where it goes. */
export const sourceOptions: readonly RunOption[] = [
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
    key: 'info',
    flags: '--info',
    default: false,
    help: 'a .json beside each file with what the source said, and what was found of the picture',
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
];

/** Of what `--input` names, where it is a table. */
export const tableOptions: readonly RunOption[] = [
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
];
