import { crc32 } from 'node:zlib';
import { turnedExif } from './turned-exif.ts';

const signatureBytes = 8;
/** A file with more of them was made to be slow to walk. */
const mostChunks = 100_000;

/** Chunks that a picture can be read without, but would not look, or move, the same (PNG, third edition, 11.3). */
const neededChunks: ReadonlySet<string> = new Set([
  ...['tRNS', 'cHRM', 'gAMA', 'iCCP', 'sBIT', 'sRGB', 'cICP', 'mDCV', 'cLLI'],
  ...['bKGD', 'hIST', 'pHYs', 'sPLT', 'acTL', 'fcTL', 'fdAT'],
]);

/**
 * A PNG without what it says of itself beside its pixels, which stay as they are, to the bit: without texts, EXIF, the
 * time of its last change, and chunks that no standard knows. Null where it is not in order.
 */
export function stripPng(png: Buffer, orientation: number): Buffer | null {
  const parts = [png.subarray(0, signatureBytes)];
  let at = signatureBytes;
  for (let chunk = 0; chunk < mostChunks && at + 12 <= png.length; chunk += 1) {
    const to = at + 12 + png.readUInt32BE(at);
    if (to > png.length) return null;
    const type = png.toString('latin1', at + 4, at + 8);
    // A capital letter first: it cannot be read without.
    if (/^[A-Z]/.test(type) || neededChunks.has(type)) parts.push(png.subarray(at, to));
    if (type === 'IEND') return Buffer.concat(parts);
    if (type === 'IHDR' && orientation !== 1) parts.push(chunkOf('eXIf', turnedExif(orientation)));
    at = to;
  }
  return null;
}

function chunkOf(type: string, data: Buffer): Buffer {
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}
