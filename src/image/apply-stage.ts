import type { Metadata, Sharp } from 'sharp';
import type { StageSpec } from '../core/stage.ts';
import { readExif } from './exif.ts';
import { type Geometry, geometryOf, type Size } from './geometry.ts';
import { readOptions, sharp } from './library.ts';
import { phashOf } from './phash.ts';
import {
  type Made,
  mostBytes,
  mostFrames,
  mostPixels,
  type NewFile,
  type PictureAnswer,
} from './picture-messages.ts';
import { smallPixels, smallSide } from './small-pixels.ts';
import { type Target, targetOf, writeAs } from './target-format.ts';

/**
 * Makes of one picture what the stage asks for. A picture that needs no change keeps its bytes, but its first frame is
 * decoded all the same: what comes out of the stage can be shown. Rejects with the library's error where it is broken.
 */
export async function applyStage(bytes: Buffer, stage: StageSpec): Promise<PictureAnswer> {
  const head = await sharp(bytes, readOptions).metadata();
  const original = { width: head.autoOrient.width, height: head.pageHeight ?? head.autoOrient.height };
  const change: Change = {
    stage,
    target: targetOf(head, stage),
    geometry: geometryOf(original, stage),
    final: geometryOf(original, stage)?.final ?? original,
    keeps: {
      exif: head.exif !== undefined && !stage.stripMetadata,
      xmp: head.xmp !== undefined && !stage.stripMetadata,
    },
  };
  const tooLarge = tooManyPixels(head, change);
  if (tooLarge !== null) return { state: 'too-many-pixels', reason: tooLarge };

  const { file, small } = await work(bytes, change, head);
  if (file !== null && file.bytes.length > mostBytes) {
    return {
      state: 'too-many-pixels',
      reason: `a new file of ${file.bytes.length} bytes, more than ${mostBytes}`,
    };
  }
  const exif = head.exif === undefined ? {} : readExif(head.exif);
  const phash = stage.phash ? phashOf(small!, smallSide) : undefined;
  const made: Made = {
    ...original,
    ...(Object.keys(exif).length > 0 ? { exif } : {}),
    ...(phash === undefined ? {} : { phash }),
    ...(stage.blurhash ? { small: small! } : {}),
    file,
  };
  return { state: 'whole', made };
}

interface Change {
  stage: StageSpec;
  target: Target;
  geometry: Geometry | null;
  /** The size of the file. */
  final: Size;
  /** What the file says of itself beside its pixels. */
  keeps: { exif: boolean; xmp: boolean };
}

const hasMetadata = ({ exif, xmp, iptc }: Metadata): boolean =>
  exif !== undefined || xmp !== undefined || iptc !== undefined;

/** Of what is read and of what is to be written, before either is done. */
function tooManyPixels(head: Metadata, { final, target }: Change): string | null {
  const { frames, name, mostSide } = target;
  if (frames > mostFrames) return `${frames} frames, more than ${mostFrames}`;
  for (const { width, height } of [{ width: head.width, height: head.pageHeight ?? head.height }, final]) {
    const pixels = width * height * frames;
    if (pixels > mostPixels) return `${pixels} pixels, more than ${mostPixels}`;
  }
  const side = Math.max(final.width, final.height);
  return side > mostSide ? `a side of ${side} pixels, more than the ${mostSide} of ${name}` : null;
}

/** The new file, where there is to be one, and the small pixels, where they are asked for. */
async function work(
  bytes: Buffer,
  change: Change,
  head: Metadata,
): Promise<{ file: NewFile | null; small?: Buffer }> {
  const { stage, target, geometry } = change;
  const smallOnes = () => smallPixels(sharp(bytes, readOptions).autoOrient());
  if (geometry === null && !target.isOther && !(stage.stripMetadata && hasMetadata(head))) {
    return { file: null, small: await smallOnes() };
  }
  const wantsSmall = stage.phash || stage.blurhash;
  if (!wantsSmall || !canShare(change)) {
    const file = await written(scaled(bytes, change), change);
    return wantsSmall ? { file, small: await smallOnes() } : { file };
  }
  // Decoding is what takes the time: both are made of the one scaled picture.
  const once = await scaled(bytes, change).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const again = () => sharp(once.data, { raw: once.info });
  return { file: await written(again(), change), small: await smallPixels(again()) };
}

/** Whether bare pixels of the new size have all that the small ones show, and all that is to be written. */
const canShare = ({ geometry, target, keeps }: Change): boolean =>
  geometry !== null &&
  target.frames === 1 &&
  !keeps.exif &&
  !keeps.xmp &&
  Math.min(geometry.scaled.width, geometry.scaled.height) >= 2 * smallSide &&
  geometry.scaled.width * geometry.scaled.height <= mostSharedPixels;

/** Beyond it copies cost more than a second decoding, which leaves most of a JPEG out. */
const mostSharedPixels = 2_000_000;

/**
 * Upright, and of its size. The library asks the decoders of JPEG, WebP and SVG for a smaller picture where it is to
 * become small.
 */
function scaled(bytes: Buffer, { target, geometry }: Change): Sharp {
  // An animation has no orientation that anything heeds.
  const picture =
    target.frames > 1 ? sharp(bytes, { ...readOptions, pages: -1 }) : sharp(bytes, readOptions).autoOrient();
  if (geometry === null) return picture;
  return picture.resize(geometry.scaled.width, geometry.scaled.height, { fit: 'fill' });
}

/** In sRGB of 8 bits. The library sets EXIF's orientation to 1 where it has turned the picture. */
async function written(picture: Sharp, change: Change): Promise<NewFile> {
  const { target, geometry, final } = change;
  let output = geometry === null ? picture : cutOrFilled(picture, geometry);
  if (!target.hasAlpha) output = output.flatten({ background: 'white' });
  // Asked to keep an EXIF that is not there, the library makes one up.
  if (change.keeps.exif) output = output.keepExif();
  if (change.keeps.xmp) output = output.keepXmp();
  const bytes = await writeAs(output, target, change.stage.quality).toBuffer();
  return { bytes, ext: target.ext, mime: target.mime, ...final };
}

function cutOrFilled(picture: Sharp, { scaled, final, left, top }: Geometry): Sharp {
  if (scaled.width > final.width || scaled.height > final.height) {
    return picture.extract({ left, top, ...final });
  }
  const [right, bottom] = [final.width - scaled.width - left, final.height - scaled.height - top];
  if (left + right + top + bottom === 0) return picture;
  return picture.extend({ left, top, right, bottom, background: 'white' });
}
