import type { Metadata, SharpOptions } from 'sharp';
import { brokenScan } from './jpeg-scan.ts';
import { readOptions, sharp } from './library.ts';
import { mostPixels, type Verdict } from './picture-messages.ts';

/** Pixels are counted here, before they are decoded, and profiles of colour are not judged. */
const options: SharpOptions = { ...readOptions, ignoreIcc: true };

/**
 * Decodes all frames of a picture and keeps nothing of them. How many pixels they have is read from headers first.
 * Rejects with the library's error where it is broken.
 */
export async function decode(bytes: Buffer): Promise<Verdict> {
  const frames = await framesOf(bytes);
  const pixels = frames.reduce((sum, { width, height, count }) => sum + width * height * count, 0);
  if (pixels > mostPixels) {
    return { state: 'too-many-pixels', reason: `${pixels} pixels, more than ${mostPixels}` };
  }
  for (const frame of frames) await readFrames(bytes, frame);
  const broken = frames[0]?.format === 'jpeg' ? brokenScan(bytes) : null;
  return broken === null ? { state: 'whole' } : { state: 'corrupt', reason: broken };
}

/** Frames of one size that are read together. */
interface Frames {
  format: string;
  width: number;
  height: number;
  count: number;
  /** What of the file they are: all of it, or one page. */
  part: { pages: -1 } | { page: number };
}

/** A frame of an animation needs those before it; the pages of other files stand alone and may differ in size. */
async function framesOf(bytes: Buffer): Promise<Frames[]> {
  const first = await sharp(bytes, options).metadata();
  const count = first.pages ?? 1;
  if (first.format === 'gif' || first.format === 'webp') {
    return [{ ...sizeOf(first), count, part: { pages: -1 } }];
  }
  const found: Frames[] = [];
  let pixels = 0;
  for (let page = 0; page < count && pixels <= mostPixels; page += 1) {
    const size = sizeOf(page === 0 ? first : await sharp(bytes, { ...options, page }).metadata());
    pixels += size.width * size.height;
    found.push({ ...size, count: 1, part: { page } });
  }
  return found;
}

const sizeOf = ({ format, width, height, pageHeight }: Metadata) => ({
  format,
  width,
  height: pageHeight ?? height,
});

/**
 * Every pixel goes into an average of 8 x 8, row by row, so that no more of the picture is held than its format
 * asks for. The cut, of nothing, keeps the library from asking JPEG and WebP for a smaller picture.
 */
async function readFrames(bytes: Buffer, { width, height, part }: Frames): Promise<void> {
  await sharp(bytes, { ...options, ...part })
    .extract({ left: 0, top: 0, width, height })
    .resize(8, 8, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
}
