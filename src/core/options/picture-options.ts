import { digestNames, pictureFormats, resizeModes } from '../stage.ts';
import { duplicates, flag, mimeTypes, oneOf, orNull, ratio, whole } from './option-kinds.ts';
import { define, type RunOption } from './run-option.ts';

/** What is made of pictures, and found of them. */
export const pictureOptions: readonly RunOption[] = [
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
];

/** Which pictures are kept. */
export const selectionOptions: readonly RunOption[] = [
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
    key: 'duplicates',
    flags: '--duplicates <how>',
    default: 'keep',
    help: 'keep them; digest: one of those with the same bytes; 0 to 16: one of those whose perceptual hashes differ in so many bits',
    ...duplicates,
  }),
];
