import { turnedExif } from './turned-exif.ts';
import { type Chunk, webpChunks, webpOf } from './webp-chunks.ts';

/** Flags of the header of an extended file (RFC 9649, section 2.7.1). */
const flags = { exif: 0x08, xmp: 0x04 };
const neededChunks: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'VP8X', 'ICCP', 'ANIM', 'ANMF', 'ALPH']);

/**
 * A WebP without what it says of itself beside its pixels, which stay as they are, to the bit: without EXIF, XMP, and
 * chunks that no standard knows. Null where it is not in order.
 */
export function stripWebp(webp: Buffer, orientation: number): Buffer | null {
  const chunks = webpChunks(webp)?.filter(({ type }) => neededChunks.has(type));
  const [first] = chunks ?? [];
  if (chunks === undefined || first === undefined) return null;
  if (first.type !== 'VP8X' || first.data.length === 0) return webpOf(chunks);
  const head = Buffer.from(first.data);
  const rest: Chunk[] = chunks.slice(1);
  head[0]! &= ~(flags.exif | flags.xmp);
  if (orientation !== 1) {
    head[0]! |= flags.exif;
    rest.push({ type: 'EXIF', data: turnedExif(orientation) });
  }
  return webpOf([{ type: 'VP8X', data: head }, ...rest]);
}
