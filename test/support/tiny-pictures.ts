/** A JPEG by its marks: SOI, SOF0 for one pixel, SOS, bytes of data, EOI. */
export const tinyJpeg = jpegOf(64);

/** The same of `bytes` bytes (64 or more), with data in its scan. */
export function jpegOf(bytes: number): Buffer {
  const start = Buffer.from(`ffd8${'ffc0000b080001000101011100'}${'ffda0008010100003f00'}`, 'hex');
  const scan = Buffer.alloc(bytes - start.length - 2, 0x5a);
  return Buffer.concat([start, scan, Buffer.from('ffd9', 'hex')]);
}
