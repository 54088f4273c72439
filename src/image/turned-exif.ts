/** A directory of one entry, Orientation, a number of 16 bits, big-endian (TIFF 6.0, section 2). */
const oneEntry = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');

/** The smallest EXIF that says how a picture is to be turned (1 to 8), and nothing else. */
export function turnedExif(orientation: number): Buffer {
  const exif = Buffer.from(oneEntry);
  exif.writeUInt16BE(orientation, 18);
  return exif;
}
