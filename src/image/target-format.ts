import type { Metadata, Sharp } from 'sharp';
import type { PictureFormat, StageSpec } from '../core/stage.ts';
import { isLosslessWebp } from './webp-chunks.ts';

type Written = Exclude<PictureFormat, 'keep'> | 'gif' | 'tif';

interface Ability {
  mime: string;
  hasAlpha: boolean;
  isAnimated: boolean;
  /** Pixels that a side may have. */
  mostSide: number;
}

const abilities: Readonly<Record<Written, Ability>> = {
  // What libjpeg takes, a little below the 16 bits of the format.
  jpg: { mime: 'image/jpeg', hasAlpha: false, isAnimated: false, mostSide: 65_500 },
  png: { mime: 'image/png', hasAlpha: true, isAnimated: false, mostSide: 2 ** 31 - 1 },
  webp: { mime: 'image/webp', hasAlpha: true, isAnimated: true, mostSide: 16_383 },
  avif: { mime: 'image/avif', hasAlpha: true, isAnimated: false, mostSide: 16_384 },
  gif: { mime: 'image/gif', hasAlpha: true, isAnimated: true, mostSide: 65_535 },
  tif: { mime: 'image/tiff', hasAlpha: true, isAnimated: false, mostSide: 2 ** 31 - 1 },
};

/** How a picture is to be written. */
export interface Target extends Ability {
  name: Written;
  ext: string;
  /** How many frames are read and written together. */
  frames: number;
  /** How many pages are read and written one by one, where it is written anew. */
  pages: number;
  isLossless: boolean;
  /** Not what the picture is: another format, or fewer frames. Of an SVG: it is to be drawn. */
  isOther: boolean;
}

const ownFormats: Readonly<Record<string, Written>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  heif: 'avif',
  avif: 'avif',
  tiff: 'tif',
};

/** An SVG of which no size, format or bare pixels are asked for stays one; else it becomes a PNG, as it cannot be written. */
export function targetOf(head: Metadata, stage: StageSpec, bytes: Buffer): Target {
  const own = ownFormats[head.format];
  const name = stage.format === 'keep' ? (own ?? 'png') : stage.format;
  const ability = abilities[name];
  // Pages of other formats stand alone: a TIFF keeps them, the picture of all others is the first.
  const pages = name === 'tif' && stage.frames === 'all' ? (head.pages ?? 1) : 1;
  const frames = head.format === 'gif' || head.format === 'webp' ? (head.pages ?? 1) : 1;
  const wanted = ability.isAnimated && stage.frames === 'all' ? frames : 1;
  const isDrawn = stage.resize !== null || stage.format !== 'keep' || stage.stripMetadata;
  const isOther = own === undefined ? isDrawn : name !== own || wanted !== frames;
  const isLossless = name === 'webp' && own === 'webp' && stage.quality === null && isLosslessWebp(bytes);
  return { ...ability, name, ext: name, frames: wanted, pages, isLossless, isOther };
}

/** As the library writes a format by itself, but for TIFF, where that would be a JPEG within it. */
export function writeAs(picture: Sharp, { name, isLossless }: Target, quality: number | null): Sharp {
  const lossy = quality === null ? {} : { quality };
  switch (name) {
    case 'jpg':
      return picture.jpeg(lossy);
    case 'webp':
      return picture.webp(isLossless ? { lossless: true } : lossy);
    case 'avif':
      return picture.avif(lossy);
    case 'png':
      return picture.png();
    case 'gif':
      return picture.gif();
    case 'tif':
      return picture.tiff({ compression: 'deflate', predictor: 'horizontal' });
  }
}
