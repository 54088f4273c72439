import type { Metadata } from 'sharp';
import type { StageSpec } from '../core/stage.ts';
import { readExif } from './exif.ts';
import { geometryOf, type Size } from './geometry.ts';
import { readOptions, sharp } from './library.ts';
import { phashOf } from './phash.ts';
import { type Made, mostFrames, mostPixels, type NewFile, type PictureAnswer } from './picture-messages.ts';
import { smallPixels, smallSide } from './small-pixels.ts';
import { type Target, targetOf, writeAs } from './target-format.ts';

/**
 * Makes of one picture what the stage asks for. A picture that needs no change keeps its bytes, but is decoded all the
 * same: what comes out of the stage can be shown. Rejects with the library's error where the picture is broken.
 */
export async function applyStage(bytes: Buffer, stage: StageSpec): Promise<PictureAnswer> {
  const head = await sharp(bytes, readOptions).metadata();
  const target = targetOf(head, stage);
  const original = { width: head.autoOrient.width, height: head.pageHeight ?? head.autoOrient.height };
  const geometry = geometryOf(original, stage);
  const final = geometry?.final ?? original;
  const tooLarge = tooManyPixels(head, final, target);
  if (tooLarge !== null) return { state: 'too-many-pixels', reason: tooLarge };

  const isChanged = geometry !== null || target.isOther || (stage.stripMetadata && hasMetadata(head));
  const file = isChanged ? await rewrite(bytes, stage, target, original) : null;
  const small = file === null || stage.phash || stage.blurhash ? await smallPixels(bytes) : undefined;
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

const hasMetadata = ({ exif, xmp, iptc }: Metadata): boolean =>
  exif !== undefined || xmp !== undefined || iptc !== undefined;

/** Of what is read and of what is to be written, before either is done. */
function tooManyPixels(head: Metadata, final: Size, { frames, name, mostSide }: Target): string | null {
  if (frames > mostFrames) return `${frames} frames, more than ${mostFrames}`;
  for (const { width, height } of [{ width: head.width, height: head.pageHeight ?? head.height }, final]) {
    const pixels = width * height * frames;
    if (pixels > mostPixels) return `${pixels} pixels, more than ${mostPixels}`;
  }
  const side = Math.max(final.width, final.height);
  return side > mostSide ? `a side of ${side} pixels, more than the ${mostSide} of ${name}` : null;
}

/**
 * Upright, in sRGB of 8 bits; without EXIF's orientation where it is turned. The library asks the decoders of JPEG,
 * WebP and SVG for a smaller picture where it is to become small.
 */
async function rewrite(bytes: Buffer, stage: StageSpec, target: Target, original: Size): Promise<NewFile> {
  const isAnimated = target.frames > 1;
  let picture = sharp(bytes, isAnimated ? { ...readOptions, pages: -1 } : readOptions);
  // An animation has no orientation that anything heeds.
  if (!isAnimated) picture = picture.autoOrient();
  const geometry = geometryOf(original, stage);
  if (geometry !== null) {
    const { scaled, final, left, top } = geometry;
    picture = picture.resize(scaled.width, scaled.height, { fit: 'fill' });
    if (scaled.width > final.width || scaled.height > final.height) {
      picture = picture.extract({ left, top, ...final });
    } else if (scaled.width < final.width || scaled.height < final.height) {
      const right = final.width - scaled.width - left;
      const bottom = final.height - scaled.height - top;
      picture = picture.extend({ left, top, right, bottom, background: 'white' });
    }
  }
  if (!target.hasAlpha) picture = picture.flatten({ background: 'white' });
  if (!stage.stripMetadata) picture = picture.keepExif().keepXmp();
  const written = await writeAs(picture, target, stage.quality).toBuffer();
  return { bytes: written, ext: target.ext, mime: target.mime, ...(geometry?.final ?? original) };
}
