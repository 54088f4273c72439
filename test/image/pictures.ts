import { constants, crc32, deflateRawSync, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

const [width, height] = [320, 240];

/** Pixels with something in every place, so that no stretch of a file is without meaning. */
function noisy(rows: number): Buffer {
  const pixels = Buffer.alloc(width * rows * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    pixels[at] = ((at / 3 / width) & 0x7f) + (state >> 25);
  }
  return pixels;
}

const still = (): Sharp => sharp(noisy(height), { raw: { width, height, channels: 3 } });
const delay = [100, 100, 100];
const moving = (): Sharp =>
  sharp(noisy(height * 3), { raw: { width, height: height * 3, channels: 3, pageHeight: height } });

/** A whole picture of every kind that the library writes and `--check full` decodes. */
export async function makePictures() {
  const [
    jpeg,
    progressive,
    cmyk,
    png,
    interlaced,
    deep,
    gif,
    animatedGif,
    webp,
    lossless,
    animatedWebp,
    avif,
    tiff,
    lzw,
  ] = await Promise.all([
    still().jpeg().toBuffer(),
    still().jpeg({ progressive: true }).toBuffer(),
    still().toColourspace('cmyk').jpeg().toBuffer(),
    still().png().toBuffer(),
    still().png({ progressive: true }).toBuffer(),
    still().toColourspace('rgb16').png().toBuffer(),
    still().gif({ effort: 1 }).toBuffer(),
    moving().gif({ effort: 1, delay }).toBuffer(),
    still().webp({ effort: 0 }).toBuffer(),
    still().webp({ lossless: true, effort: 0 }).toBuffer(),
    moving().webp({ delay, effort: 0 }).toBuffer(),
    still().avif({ effort: 0 }).toBuffer(),
    still().tiff({ compression: 'deflate' }).toBuffer(),
    still().tiff({ compression: 'lzw', tile: true }).toBuffer(),
  ]);
  const pages = tiffPages([tiff, await still().resize(50, 30).tiff({ compression: 'deflate' }).toBuffer()]);
  return {
    ...{ jpeg, progressive, cmyk, png, interlaced, deep, gif, animatedGif, webp, lossless, animatedWebp },
    ...{ avif, tiff, lzw, pages },
  };
}

export type PictureName = keyof Awaited<ReturnType<typeof makePictures>>;

/** One TIFF of several, each a page: little-endian, with its directory at the end as the library writes it. */
export function tiffPages(files: Buffer[]): Buffer {
  const out: Buffer[] = [];
  let base = 0;
  let link: [Buffer, number] | undefined;
  for (const file of files) {
    const bytes = Buffer.from(file);
    const directory = bytes.readUInt32LE(4);
    const entries = bytes.readUInt16LE(directory);
    for (let entry = 0; entry < entries; entry += 1) moveEntry(bytes, directory + 2 + entry * 12, base);
    if (link !== undefined) link[0].writeUInt32LE(base + directory, link[1]);
    link = [bytes, directory + 2 + entries * 12];
    // A directory begins at an even place.
    const odd = Buffer.alloc(bytes.length % 2);
    out.push(bytes, odd);
    base += bytes.length + odd.length;
  }
  return Buffer.concat(out);
}

const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const [stripOffsets, tileOffsets] = [273, 324];

/** Everything that says where something is moves on by `by`. */
function moveEntry(bytes: Buffer, at: number, by: number): void {
  const [tag, type, count] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2), bytes.readUInt32LE(at + 4)];
  const isElsewhere = typeBytes[type]! * count > 4;
  const values = isElsewhere ? bytes.readUInt32LE(at + 8) : at + 8;
  if (isElsewhere) bytes.writeUInt32LE(values + by, at + 8);
  if (tag !== stripOffsets && tag !== tileOffsets) return;
  for (let n = 0; n < count; n += 1) {
    if (type === 4) bytes.writeUInt32LE(bytes.readUInt32LE(values + n * 4) + by, values + n * 4);
    else bytes.writeUInt16LE(bytes.readUInt16LE(values + n * 2) + by, values + n * 2);
  }
}

/**
 * A grey JPEG of so many blocks in a row, every code of one bit: a DC difference of nothing, the end of the
 * block. `interval` is of restarts, in blocks.
 */
export function flatJpeg(blocks: number, interval = 0, behind = Buffer.alloc(0)): Buffer {
  const segment = (marker: number, hex: string) => {
    const payload = Buffer.from(hex, 'hex');
    return Buffer.concat([Buffer.from([0xff, marker, 0, payload.length + 2]), payload]);
  };
  const oneCode = `01${'00'.repeat(15)}00`;
  const width = (blocks * 8).toString(16).padStart(4, '0');
  const data: number[] = [];
  for (let done = 0; done < blocks; ) {
    const now = interval === 0 ? blocks : Math.min(interval, blocks - done);
    // Two bits a block, filled up with ones.
    const bits = '00'.repeat(now).padEnd(Math.ceil((now * 2) / 8) * 8, '1');
    for (let at = 0; at < bits.length; at += 8) data.push(Number.parseInt(bits.slice(at, at + 8), 2));
    done += now;
    if (done < blocks) data.push(0xff, 0xd0 + ((done / interval - 1) & 7));
  }
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    segment(0xdb, `00${'01'.repeat(64)}`),
    segment(0xc0, `080008${width}01011100`),
    segment(0xc4, `00${oneCode}`),
    segment(0xc4, `10${oneCode}`),
    ...(interval === 0 ? [] : [segment(0xdd, interval.toString(16).padStart(4, '0'))]),
    segment(0xda, '010100003f00'),
    Buffer.from(data),
    behind,
    Buffer.from('ffd9', 'hex'),
  ]);
}

/** The same length, 200 bytes of it others, from `share` of the way on. */
export function flipped(picture: Buffer, share: number): Buffer {
  const bytes = Buffer.from(picture);
  const from = Math.floor(bytes.length * share);
  for (let at = from; at < from + 200; at += 1) bytes[at]! ^= 0x5a;
  return bytes;
}

/** The first IDAT chunk's data changed under a checksum that agrees: it is the decompression that has to find it. */
export function pngWithBadData(png: Buffer): Buffer {
  const bytes = Buffer.from(png);
  const at = bytes.indexOf('IDAT');
  const end = at + 4 + bytes.readUInt32BE(at - 4);
  bytes.fill(0xff, end - 300, end - 100);
  bytes.writeUInt32BE(crc32(bytes.subarray(at, end)), end);
  return bytes;
}

/** A PNG whose header says that it has 30,000 lines and whose data has ten: whole by its marks and checksums. */
export function pngWithoutLines(): Buffer {
  return pngOf(2000, 2000, deflateSync(Buffer.alloc(10 * (1 + 2000 * 3))));
}

export const hugePng = (side: number): Buffer => pngOf(side, side, deflateSync(Buffer.alloc(1 + side * 3)));

/**
 * A whole PNG of 2 MB that is made in a moment and takes a decoder seconds, in little memory: 256 million pixels, all
 * alike, of four times 16 bits.
 */
export function slowPng(): Buffer {
  const side = 16_000;
  return pngOf(side, side, deflatedZeros(side * (1 + side * 8)), { depth: 16, colour: 6 });
}

/** What deflating so many zeros comes to: the same compressed mebibyte, again and again. */
function deflatedZeros(bytes: number): Buffer {
  const pieceBytes = 1024 * 1024;
  const piece = deflateRawSync(Buffer.alloc(pieceBytes), { finishFlush: constants.Z_FULL_FLUSH });
  const rest = deflateRawSync(Buffer.alloc(bytes % pieceBytes));
  // Adler-32 of zeros: the first sum stays 1, the second counts them.
  const check = Buffer.from([0, 0, 0, 1]);
  check.writeUInt16BE(bytes % 65_521);
  return Buffer.concat([
    Buffer.from([0x78, 0x01]),
    ...Array<Buffer>(Math.floor(bytes / pieceBytes)).fill(piece),
    rest,
    check,
  ]);
}

/** `colour` as in its header: 2 is RGB, 6 RGB with alpha. */
function pngOf(columns: number, lines: number, data: Buffer, { depth = 8, colour = 2 } = {}): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth, colour, 0, 0, 0]);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(lines, 4);
  const chunk = (type: string, payload: Buffer) => {
    const typed = Buffer.concat([Buffer.from(type, 'latin1'), payload]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(payload.length);
    check.writeUInt32BE(crc32(typed));
    return Buffer.concat([length, typed, check]);
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Every frame of an animated WebP as large as they can be: 3 x 16,383 x 16,383 pixels by its header. */
export function hugeWebp(animatedWebp: Buffer): Buffer {
  const bytes = Buffer.from(animatedWebp);
  // VP8X: width and height less one, three bytes each.
  bytes.writeUIntLE(16_382, 24, 3);
  bytes.writeUIntLE(16_382, 27, 3);
  return bytes;
}

export function hugeAvif(avif: Buffer): Buffer {
  const bytes = Buffer.from(avif);
  const at = bytes.indexOf('ispe');
  bytes.writeUInt32BE(30_000, at + 8);
  bytes.writeUInt32BE(30_000, at + 12);
  return bytes;
}

/** SOF0 says 65,000 x 65,000. */
export function hugeJpeg(jpeg: Buffer): Buffer {
  const bytes = Buffer.from(jpeg);
  const at = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(65_000, at + 5);
  bytes.writeUInt16BE(65_000, at + 7);
  return bytes;
}

/** A GIF of so many frames of one pixel. */
export function hugeGif(frames: number): Buffer {
  const head = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('2c00000000010001000002024401003b', 'hex').subarray(0, 15);
  return Buffer.concat([head, ...Array<Buffer>(frames).fill(frame), Buffer.from(';')]);
}
