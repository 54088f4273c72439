import type { Sharp } from 'sharp';

/**
 * The side of the small picture that a BlurHash is made of. Its authors say 20 to 32; what comes of 64 differs half as
 * much from what comes of the whole picture, and takes four times as long (docs/decisions/0016).
 */
export const smallSide = 64;

/** All of a picture that is upright, squeezed into a square: RGBA without transparency, on white. */
export async function smallPixels(picture: Sharp): Promise<Buffer> {
  return await picture
    .resize(smallSide, smallSide, { fit: 'fill' })
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();
}
