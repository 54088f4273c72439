import type { Json } from '../core/json.ts';
import { exifPointers, exifTags } from './exif-tags.ts';

/** More is no EXIF that a camera writes. */
const [mostEntries, mostValues, mostText] = [256, 64, 2000];

/** Bytes of a value by its type (TIFF 6.0, section 2); 0 for no type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const [ascii, undefinedType] = [2, 7];

/**
 * The known tags of an EXIF block by their names: texts, numbers, or lists of numbers. Never throws: what cannot be
 * read, or points outside, is left out. Neither thumbnails nor what makers note down are read.
 */
export function readExif(block: Uint8Array): Record<string, Json> {
  const all = Buffer.from(block.buffer, block.byteOffset, block.length);
  const tiff = all.toString('latin1', 0, 6) === 'Exif\0\0' ? all.subarray(6) : all;
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return {};
  const reader = new Reader(tiff, order === 'II');
  const found: [string, Json][] = [];
  readDirectory(reader, reader.long(4), 'image', found);
  return Object.fromEntries(found);
}

function readDirectory(
  reader: Reader,
  at: number,
  kind: keyof typeof exifTags,
  found: [string, Json][],
): void {
  const count = Math.min(reader.short(at), mostEntries);
  for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
    const tag = reader.short(entry);
    const next = kind === 'image' ? exifPointers[tag] : undefined;
    if (next !== undefined) readDirectory(reader, reader.long(entry + 8), next, found);
    const name = exifTags[kind][tag];
    const value = name === undefined ? null : readValue(reader, entry, name);
    if (value !== null) found.push([name!, value]);
  }
}

function readValue(reader: Reader, entry: number, name: string): Json {
  const [type, count] = [reader.short(entry + 2), reader.long(entry + 4)];
  const size = (typeBytes[type] ?? 0) * count;
  if (size === 0) return null;
  const from = size <= 4 ? entry + 8 : reader.long(entry + 8);
  if (from + size > reader.length) return null;
  if (type === ascii) return textOrNull(reader.bytes(from, count));
  if (type === undefinedType) return undefinedText(reader.bytes(from, count), name);
  const values = Array.from({ length: Math.min(count, mostValues) }, (_, n) =>
    reader.number(type, from + n * typeBytes[type]!),
  );
  // A division by nothing stands for "not known".
  if (!values.every(Number.isFinite)) return null;
  return values.length === 1 ? values[0]! : values;
}

/** Of what has no type, the texts: versions, and comments behind the eight letters of their code. */
function undefinedText(bytes: Buffer, name: string): Json {
  if (name === 'ExifVersion') return textOrNull(bytes);
  const isText = /^ASCII\0|^UNICODE|^\0{8}/.test(bytes.toString('latin1', 0, 8));
  if (!isText || bytes.toString('latin1', 0, 7) === 'UNICODE') return null;
  return textOrNull(bytes.subarray(8));
}

/** Up to its NUL, without control characters; UTF-8 where it is that. */
function textOrNull(bytes: Buffer): string | null {
  const end = bytes.indexOf(0);
  const own = bytes.subarray(0, Math.min(end === -1 ? bytes.length : end, mostText));
  const utf8 = own.toString('utf8');
  const text = (utf8.includes('\ufffd') ? own.toString('latin1') : utf8).replace(/\p{Cc}+/gu, ' ').trim();
  return text === '' ? null : text;
}

/** Reads numbers of a byte order; zeros from outside. */
class Reader {
  readonly #tiff: Buffer;
  readonly #isLittle: boolean;

  constructor(tiff: Buffer, isLittle: boolean) {
    this.#tiff = tiff;
    this.#isLittle = isLittle;
  }

  get length(): number {
    return this.#tiff.length;
  }

  bytes(at: number, length: number): Buffer {
    return this.#tiff.subarray(at, at + length);
  }

  short(at: number): number {
    if (at + 2 > this.length) return 0;
    return this.#isLittle ? this.#tiff.readUInt16LE(at) : this.#tiff.readUInt16BE(at);
  }

  long(at: number): number {
    if (at + 4 > this.length) return 0;
    return this.#isLittle ? this.#tiff.readUInt32LE(at) : this.#tiff.readUInt32BE(at);
  }

  /** One value of a type that is neither text nor undefined, all of it inside. */
  number(type: number, at: number): number {
    const view = new DataView(this.#tiff.buffer, this.#tiff.byteOffset, this.#tiff.byteLength);
    const isLittle = this.#isLittle;
    switch (type) {
      case 1:
        return view.getUint8(at);
      case 3:
        return view.getUint16(at, isLittle);
      case 4:
        return view.getUint32(at, isLittle);
      case 5:
        return rounded(view.getUint32(at, isLittle) / view.getUint32(at + 4, isLittle));
      case 6:
        return view.getInt8(at);
      case 8:
        return view.getInt16(at, isLittle);
      case 9:
        return view.getInt32(at, isLittle);
      case 10:
        return rounded(view.getInt32(at, isLittle) / view.getInt32(at + 4, isLittle));
      case 11:
        return view.getFloat32(at, isLittle);
      default:
        return view.getFloat64(at, isLittle);
    }
  }
}

/** A fraction of two numbers of 32 bits holds no more digits than these. */
const rounded = (value: number): number => Number(value.toPrecision(12));
