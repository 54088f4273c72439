export interface PixelSize {
  width: number;
  height: number;
}

/**
 * The size in pixels of a JPEG, from its frame header (ITU T.81, B.2.2); undefined where `bytes`, its beginning, do
 * not go on to it. Of a picture within the picture (a thumbnail in metadata) it says nothing.
 */
export function jpegSize(bytes: Buffer): PixelSize | undefined {
  let at = 2;
  // Marker, length, precision, height, width.
  while (at + 9 <= bytes.length) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) {
      // Decoders skip rubbish between segments.
      at = bytes.indexOf(0xff, at);
      if (at === -1) return undefined;
    } else if (marker === 0xff) at += 1;
    else if (isBare(marker)) at += 2;
    else if (marker === 0xd9 || marker === 0xda) return undefined;
    else if (isFrame(marker)) {
      const size = { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
      return size.width > 0 && size.height > 0 ? size : undefined;
    } else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

/** Without a length: stuffing, TEM, RSTn. */
const isBare = (marker: number): boolean =>
  marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/** SOF0 to SOF15; among them are the numbers of DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
