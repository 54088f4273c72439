import { crc32 } from 'node:zlib';
import { Body } from './body.ts';

/**
 * Makes a picture exactly `length` bytes long, and unlike every other, by comments that decoders skip.
 * Where the picture is nearly as long already it comes out a little longer than asked.
 */
export type Pad = (
  picture: Buffer,
  comment: string,
  length: number,
  size: { width: number; height: number },
) => Body;

const filler = Buffer.alloc(1 << 16, 'Padding, so that this picture has a believable size. ');

/** JPEG: COM segments (ITU-T T.81, B.2.4.5) right after SOI. One holds at most 65,533 bytes. */
export const padJpeg: Pad = (picture, comment, length) => {
  const segment = (payload: Buffer) => {
    const head = Buffer.from([0xff, 0xfe, 0, 0]);
    head.writeUInt16BE(payload.length + 2, 2);
    return Buffer.concat([head, payload]);
  };
  const full = 4 + 65_533;
  let first = segment(Buffer.from(comment));
  let room = Math.max(0, length - picture.length - first.length);
  if (room < 4) {
    first = segment(Buffer.from(comment + ' '.repeat(room)));
    room = 0;
  }
  const times = Math.max(0, Math.floor((room - 4) / full));
  const rest = room - times * full;
  return new Body([
    picture.subarray(0, 2),
    first,
    ...(times > 0 ? [{ bytes: segment(filler.subarray(0, 65_533)), times }] : []),
    ...restOf(rest, full).map((size) => segment(filler.subarray(0, size - 4))),
    picture.subarray(2),
  ]);
};

/** Segment lengths that add up to `rest`, each at least 4 and at most `full`. */
function restOf(rest: number, full: number): number[] {
  if (rest === 0) return [];
  return rest <= full ? [rest] : [full - 4, rest - full + 4];
}

function pngChunk(type: string, payload: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + payload.length);
  chunk.writeUInt32BE(payload.length, 0);
  chunk.write(type, 4, 'latin1');
  payload.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + payload.length)), 8 + payload.length);
  return chunk;
}

const repeated = (size: number): Buffer =>
  size <= filler.length ? filler.subarray(0, size) : Buffer.alloc(size, filler);

/** PNG: one tEXt chunk after IHDR (which ends at byte 33). */
export const padPng: Pad = (picture, comment, length) => {
  const keyword = Buffer.from(`Comment\0${comment}`);
  const room = Math.max(0, length - picture.length - 12 - keyword.length);
  return new Body([
    picture.subarray(0, 33),
    pngChunk('tEXt', Buffer.concat([keyword, repeated(room)])),
    picture.subarray(33),
  ]);
};

/** GIF: comment extensions before the trailer; sub-blocks of at most 255 bytes. */
export const padGif: Pad = (picture, comment, length) => {
  const end = picture.lastIndexOf(0x3b);
  const room = length - picture.length - 3;
  const text = Buffer.concat([Buffer.from(comment), repeated(Math.max(0, room))]);
  // n bytes of text take n + ceil(n / 255) bytes.
  const size = Math.max(Buffer.byteLength(comment), Math.floor((room * 255) / 256));
  const blocks: Buffer[] = [Buffer.from([0x21, 0xfe])];
  for (let at = 0; at < size; at += 255) {
    const block = text.subarray(at, Math.min(size, at + 255));
    blocks.push(Buffer.from([block.length]), block);
  }
  blocks.push(Buffer.from([0]));
  return new Body([Buffer.concat([picture.subarray(0, end), ...blocks, picture.subarray(end)])]);
};

function riffChunk(type: string, payload: Buffer): Buffer {
  const chunk = Buffer.alloc(8 + payload.length + (payload.length & 1));
  chunk.write(type, 0, 'latin1');
  chunk.writeUInt32LE(payload.length, 4);
  payload.copy(chunk, 8);
  return chunk;
}

/** WebP: unknown chunks need the extended format (a VP8X chunk first) and stand last. */
export const padWebp: Pad = (picture, comment, length, { width, height }) => {
  const canvas = Buffer.alloc(10);
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  const chunks = picture.subarray(12);
  const room = Math.max(0, length - picture.length - 18 - 8 - Buffer.byteLength(comment));
  const note = riffChunk('NOTE', Buffer.concat([Buffer.from(comment), repeated(room)]));
  const head = Buffer.alloc(12);
  head.write('RIFF', 0, 'latin1');
  head.write('WEBP', 8, 'latin1');
  const parts = [riffChunk('VP8X', canvas), chunks, note];
  head.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return new Body([head, ...parts]);
};
