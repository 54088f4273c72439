import type { Json } from './json.ts';

/**
 * How a picture is brought to the size `resize`, in pixels; the names are img2dataset's. `border`: inside a square of
 * that side, filled up with white. `keep_ratio`: its smaller side has it. `keep_ratio_largest`: its larger side has it.
 * `center_crop`: as `keep_ratio`, and the middle square cut out. `no`: as it is.
 */
export const resizeModes = ['border', 'no', 'keep_ratio', 'keep_ratio_largest', 'center_crop'] as const;
export type ResizeMode = (typeof resizeModes)[number];

export const pictureFormats = ['keep', 'jpg', 'png', 'webp', 'avif'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

export const digestNames = ['sha256', 'sha1', 'md5'] as const;
export type DigestName = (typeof digestNames)[number];

/** What the image stage does with every picture: plain data, as the run that it is part of. */
export interface StageSpec {
  /** Pixels of the side that the mode speaks of; null leaves the size as it is. */
  resize: number | null;
  resizeMode: ResizeMode;
  /** Leaves a picture alone that is smaller than it would become. */
  onlyIfBigger: boolean;
  /** `keep`: the picture's own, where it can be written; a picture that needs no change keeps its bytes. */
  format: PictureFormat;
  /** 1 to 100; null for the format's usual one. */
  quality: number | null;
  /**
   * What the picture says of itself beside its pixels (EXIF, XMP, IPTC) is not in the file. Where nothing else is to be
   * changed, how it is to be turned is, alone.
   */
  stripMetadata: boolean;
  /** Of an animated picture: all of it, or its first frame. Of a TIFF that is written anew: its pages. */
  frames: 'all' | 'first';
  phash: boolean;
  blurhash: boolean;
}

export const stageKeys = [
  'resize',
  'resizeMode',
  'onlyIfBigger',
  'format',
  'quality',
  'stripMetadata',
  'frames',
  'phash',
  'blurhash',
] as const satisfies readonly (keyof StageSpec)[];

/** The bytes as they were received. */
export interface Original {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  sha1?: string;
  md5?: string;
  mime: string;
  /** Pixels, as it is to be shown (turned as its EXIF says). Null where it is not a picture. */
  width: number | null;
  height: number | null;
}

/** What the image stage found of a picture. */
export interface PictureFacts {
  original: Original;
  /** Its format cannot be decoded here (HEIC, JPEG XL, BMP, videos): where it is stored, it is as it came, and no more is known. */
  unread?: true;
  /** Names and values of its EXIF, where it has one and it can be read. */
  exif?: Record<string, Json>;
  /** 64 bits of a perceptual hash of its pixels, as 16 hex digits. */
  phash?: string;
  /** https://github.com/woltapp/blurhash */
  blurhash?: string;
}

/** What `stageText` wrote, to be checked as options are: null where it is not readable. Nothing else of it is taken. */
export function readStage(text: string): Partial<StageSpec> | null {
  try {
    const found = Object(JSON.parse(text)) as Record<string, unknown>;
    return Object.fromEntries(stageKeys.map((key) => [key, found[key]]));
  } catch {
    return null;
  }
}

/** What decides which pictures are left out. */
export interface FilterSpec {
  /** Pictures whose smaller side has fewer pixels are skipped. */
  minSize: number | null;
  /** Pictures whose larger side is more than so many times the smaller are skipped. */
  maxAspect: number | null;
  /** Pictures of more pixels in all are skipped. */
  maxPixels: number | null;
  /** Only these types are kept; empty for all. */
  mime: string[];
  /** Data sets take pictures, too, whose servers ask that they be left out (`X-Robots-Tag`). */
  ignoreRobots: boolean;
}

/** What of a run else wants to know of every picture what it is. */
interface DataSetSpec {
  output: unknown;
  duplicates: unknown;
}

/** Whether pictures are written anew. */
export function writesAnew({
  resize,
  format,
  stripMetadata,
  frames,
}: Pick<StageSpec, 'resize' | 'format' | 'stripMetadata' | 'frames'>): boolean {
  return resize !== null || format !== 'keep' || stripMetadata || frames === 'first';
}

/**
 * Whether pictures are left out that cannot be decoded: in a data set for which a size or a format is asked, which who reads
 * it counts on.
 */
export function takesDecodable({
  resize,
  resizeMode,
  format,
  output,
}: Pick<StageSpec, 'resize' | 'resizeMode' | 'format'> & Pick<DataSetSpec, 'output'>): boolean {
  return output !== null && ((resize !== null && resizeMode !== 'no') || format !== 'keep');
}

/** The stage of a run; null where its pictures are stored as they are. */
export function stageOf(spec: StageSpec & DataSetSpec): StageSpec | null {
  const { resize, format, stripMetadata, frames, blurhash } = spec;
  // By it pictures are compared.
  const phash = spec.phash || typeof spec.duplicates === 'number';
  if (!writesAnew(spec) && !phash && !blurhash && spec.output === null) return null;
  const { resizeMode, onlyIfBigger, quality } = spec;
  return { resize, resizeMode, onlyIfBigger, format, quality, stripMetadata, frames, phash, blurhash };
}

/** Names what a stage makes of a picture: where it differs, its file is another. Null without a stage. */
export function stageText(spec: StageSpec & DataSetSpec): string | null {
  const stage = stageOf(spec);
  return stage && JSON.stringify(stage);
}

/** Names which pictures are left out: where it differs, others may be. */
export function filterText(spec: FilterSpec & StageSpec & DataSetSpec): string {
  const { minSize, maxAspect, maxPixels, mime, ignoreRobots, output, duplicates } = spec;
  const robots = output !== null && !ignoreRobots;
  const decodable = takesDecodable(spec) ? { decodable: true } : {};
  return JSON.stringify({ minSize, maxAspect, maxPixels, mime, robots, duplicates, ...decodable });
}
