import { readOptions, sharp } from './library.ts';

/**
 * The side of the small picture that a BlurHash is made of. Its authors say 20 to 32; what comes of 64 differs half as
 * much from what comes of the whole picture, and takes four times as long (docs/decisions/0016).
 */
export const smallSide = 64;

/**
 * The first frame, upright, squeezed into a square: RGBA without transparency, on white.
 */
export async function smallPixels(picture: Buffer): Promise<Buffer> {
  return await sharp(picture, readOptions)
    .autoOrient()
    .resize(smallSide, smallSide, { fit: 'fill' })
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();
}
