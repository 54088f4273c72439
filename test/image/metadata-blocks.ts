import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** Metadata that tests put into pictures, each with a word in it that can be looked for. */

export const words = ['Kamera', 'Fundort', 'Bildtext', 'Bemerkung', 'Anhang'];

export const exif = { IFD0: { Make: 'Kamera' }, IFD3: { GPSLatitudeRef: 'N' } };
export const xmp =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about="Fundort"/></rdf:RDF></x:xmpmeta>';
/** IPTC-IIM: records of a mark, two numbers, a length. */
export const iptcRecords = Buffer.from('\x1c\x02\0\0\x02\0\x04\x1c\x02\x78\0\x08Bildtext', 'latin1');

/** A segment of a JPEG. */
export function segment(marker: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload as string, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(bytes.length + 2, 2);
  return Buffer.concat([head, bytes]);
}

function resource(number: number, name: string, data: Buffer): Buffer {
  const head = Buffer.concat([
    Buffer.from('8BIM\0\0', 'latin1'),
    Buffer.from([name.length]),
    Buffer.from(name),
  ]);
  head.writeUInt16BE(number, 4);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const pad = (bytes: Buffer) => Buffer.alloc(bytes.length % 2);
  return Buffer.concat([head, pad(head), size, data, pad(data)]);
}

/** Photoshop's resources, of which the second holds IPTC. */
export const photoshop = (records: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('Photoshop 3.0\0', 'latin1'),
    resource(0x040c, 'Vorschau', Buffer.from('preview')),
    resource(0x0404, '', records),
    resource(0x0425, '', Buffer.alloc(16)),
  ]);

/** Put behind the first segment of a JPEG. */
export function withSegments(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  const at = 4 + jpeg.readUInt16BE(4);
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
}

/** The library leaves it out where there is an EXIF. */
export const withJfif = (jpeg: Buffer): Buffer =>
  Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe0, 'JFIF\0\x01\x02\0\0\x01\0\x01\0\0'),
    segment(0xe0, 'JFXX\0Bemerkung'),
    jpeg.subarray(2),
  ]);

/** Everything that is not a pixel. */
export const fullJpeg = (jpeg: Buffer): Buffer =>
  Buffer.concat([
    withSegments(
      jpeg,
      segment(0xed, photoshop(iptcRecords)),
      segment(0xfe, 'Bemerkung'),
      segment(0xe2, 'MPF\0Bemerkung'),
      segment(0xeb, 'JP Bemerkung'),
    ),
    Buffer.from('\xff\xd8Anhang\xff\xd9', 'latin1'),
  ]);

function chunk(type: string, data: Buffer | string): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data as string, 'latin1')]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(typed.length - 4);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

/** Behind the header of a PNG, and behind its end. */
export function fullPng(png: Buffer): Buffer {
  const chunks = [
    chunk('tEXt', 'Comment\0Bemerkung'),
    chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync('Bemerkung')])),
    chunk('iTXt', 'Comment\0\0\0\0\0Bemerkung'),
    chunk('tIME', Buffer.from([7, 228, 1, 2, 3, 4, 5])),
    chunk('caBX', 'Bemerkung'),
    chunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0])),
  ];
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33), Buffer.from('Anhang')]);
}

/** With a chunk that nobody knows, and bytes behind its end. */
export function fullWebp(webp: Buffer): Buffer {
  const bytes = Buffer.concat([webp, Buffer.from('MEMO\x0a\0\0\0Bemerkung\0', 'latin1')]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return Buffer.concat([bytes, Buffer.from('Anhang')]);
}

/** The types of the chunks of a PNG. */
export function pngChunks(png: Buffer): string[] {
  const found: string[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    found.push(png.toString('latin1', at + 4, at + 8));
  }
  return found;
}

/** All pixels of all frames, as they are stored: not turned. */
export const pixelsOf = (bytes: Buffer): Promise<Buffer> =>
  sharp(bytes, { pages: -1, ignoreIcc: true }).raw().toBuffer();
