import type { Body } from './endings.ts';

/** The header of the file and the longest of the picture's (BITMAPV5HEADER). */
const longestBmpHead = 14 + 124;

/**
 * BMP: a file header of 14 bytes, a header of the picture, its rows, in version 5 perhaps a colour profile.
 * The size of the file stands in it, but programs write it wrong and leave it 0: where the rows are not
 * compressed, their number and width tell what there has to be.
 */
export async function holdsBmp(body: Body): Promise<boolean> {
  const start = await body.read(0, longestBmpHead);
  if (start.length < 26) return false;
  const headerEnd = 14 + start.readUInt32LE(14);
  if (headerEnd > body.size) return false;
  // Fields that a shorter header lacks are 0.
  const head = Buffer.alloc(longestBmpHead);
  start.copy(head, 0, 0, headerEnd);
  const dataAt = Math.max(head.readUInt32LE(10), headerEnd);
  return body.size >= Math.max(pixelsEnd(head, headerEnd, dataAt), profileEnd(head));
}

function pixelsEnd(head: Buffer, headerEnd: number, dataAt: number): number {
  // The oldest header has numbers of two bytes.
  const isOldest = headerEnd === 26;
  const [width, height] = isOldest
    ? [head.readUInt16LE(18), head.readUInt16LE(20)]
    : [head.readInt32LE(18), head.readInt32LE(22)];
  const bitsPerPixel = head.readUInt16LE(isOldest ? 24 : 28);
  const compression = isOldest ? 0 : head.readUInt32LE(30);
  // Masks of colours (3, and 6 with transparency) are no compression; in files of OS/2 3 is one, of single bits.
  const isPlain = compression === 0 || ((compression === 3 || compression === 6) && bitsPerPixel >= 16);
  if (isPlain) return dataAt + Math.ceil((Math.abs(width) * bitsPerPixel) / 32) * 4 * Math.abs(height);
  const [fileBytes, dataBytes] = [head.readUInt32LE(2), head.readUInt32LE(34)];
  // Both may be 0, and of two that differ the larger one may be the mistake.
  const ends = [fileBytes, dataBytes === 0 ? 0 : dataAt + dataBytes].filter((end) => end > 0);
  return Math.max(dataAt, Math.min(...(ends.length > 0 ? ends : [0])));
}

/** Where an embedded profile ends; 0 without one. */
function profileEnd(head: Buffer): number {
  const isEmbedded = head.toString('latin1', 70, 74) === 'DEBM';
  return isEmbedded ? 14 + head.readUInt32LE(126) + head.readUInt32LE(130) : 0;
}

/** ICO: a directory of pictures, each with the place and the size of its bytes. */
export async function holdsIco(body: Body): Promise<boolean> {
  const count = (await body.read(0, 6)).readUInt16LE(4);
  const directory = await body.read(6, 16 * count);
  if (directory.length < 16 * count) return false;
  for (let at = 0; at < directory.length; at += 16) {
    if (directory.readUInt32LE(at + 8) + directory.readUInt32LE(at + 12) > body.size) return false;
  }
  return true;
}
