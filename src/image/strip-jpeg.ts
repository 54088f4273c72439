import { jpegSegments, type Segment, segmentOf } from './jpeg-segments.ts';
import { turnedExif } from './turned-exif.ts';

/**
 * A JPEG without what it says of itself beside its pixels, which stay as they are, to the bit. Of what applications
 * put into one stays what its colours depend on: JFIF, Adobe's mark, profiles. What lies behind its end (previews,
 * films of telephones, with metadata of their own) goes, too. Null where it is not in order.
 */
export function stripJpeg(jpeg: Buffer, orientation: number): Buffer | null {
  const segments = jpegSegments(jpeg);
  if (segments === null) return null;
  const kept = segments.filter((segment) => isNeeded(jpeg, segment));
  const parts = kept.map(({ from, to }) => jpeg.subarray(from, to));
  if (orientation !== 1) {
    const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), turnedExif(orientation)]);
    parts.splice(kept[1]?.marker === 0xe0 ? 2 : 1, 0, segmentOf(0xe1, exif));
  }
  return Buffer.concat(parts);
}

/** By the first letters of what they hold. */
const neededSegments: Readonly<Record<number, RegExp>> = {
  224: /^(?!JFXX)/,
  226: /^ICC_PROFILE\0/,
  238: /^Adobe/,
};

function isNeeded(jpeg: Buffer, { marker, from, to }: Segment): boolean {
  const isOfApplication = marker >= 0xe0 && marker <= 0xef;
  if (!isOfApplication) return marker !== 0xfe;
  const at = jpeg.indexOf(marker, from) + 3;
  return neededSegments[marker]?.test(jpeg.toString('latin1', at, Math.min(at + 16, to))) ?? false;
}
