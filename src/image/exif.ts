import type { Json } from '../core/json.ts';
import { exifPointers, exifTags } from './exif-tags.ts';

/** More is no EXIF that a camera writes. Bytes of one text, and characters of all values, as JSON. */
const [mostEntries, mostValues, mostText, mostInAll] = [256, 64, 2000, 16_000];

/** Bytes of a value by its type (TIFF 6.0, section 2); 0 for no type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const [ascii, undefinedType] = [2, 7];

type Kind = keyof typeof exifTags;

/**
 * The known tags of an EXIF block by their names: texts, numbers, or lists of numbers. Never throws: what cannot be
 * read, points outside, or is too long to be kept of every picture, is left out. Neither thumbnails nor what makers note
 * down are read.
 */
export function readExif(block: Uint8Array): Record<string, Json> {
  const all = Buffer.from(block.buffer, block.byteOffset, block.length);
  const tiff = all.toString('latin1', 0, 6) === 'Exif\0\0' ? all.subarray(6) : all;
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return {};
  const reader = new Reader(tiff, order === 'II');
  const found = new Map<string, Json>();
  // One of each kind: directories that name each other, or one many times, end. Those named on the way are read, too.
  const directories = new Map<Kind, number>([['image', reader.long(4)]]);
  for (const [kind, at] of directories) readDirectory(reader, at, kind, directories, found);
  return withinBounds(found);
}

function withinBounds(found: ReadonlyMap<string, Json>): Record<string, Json> {
  let room = mostInAll;
  const kept = [...found].filter(([name, value]) => {
    const length = name.length + JSON.stringify(value).length;
    if (length > room) return false;
    room -= length;
    return true;
  });
  return Object.fromEntries(kept);
}

/** Adds the values of a directory to `found`, and those that it names to `directories`. */
function readDirectory(
  reader: Reader,
  at: number,
  kind: Kind,
  directories: Map<Kind, number>,
  found: Map<string, Json>,
): void {
  const count = Math.min(reader.short(at), mostEntries);
  for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
    const tag = reader.short(entry);
    const next = kind === 'image' ? exifPointers[tag] : undefined;
    if (next !== undefined && !directories.has(next)) directories.set(next, reader.long(entry + 8));
    const name = exifTags[kind][tag];
    const value = name === undefined || found.has(name) ? null : readValue(reader, entry, name);
    if (value !== null) found.set(name!, value);
  }
}

function readValue(reader: Reader, entry: number, name: string): Json {
  const [type, count] = [reader.short(entry + 2), reader.long(entry + 4)];
  const size = (typeBytes[type] ?? 0) * count;
  if (size === 0) return null;
  const from = size <= 4 ? entry + 8 : reader.long(entry + 8);
  if (from + size > reader.length) return null;
  if (type === ascii) return textOrNull(utf8OrLatin1(reader.bytes(from, count)));
  if (type === undefinedType) return undefinedText(reader, reader.bytes(from, count), name);
  // Nothing is added, as JSON has no zero below zero.
  const values = Array.from(
    { length: Math.min(count, mostValues) },
    (_, n) => reader.number(type, from + n * typeBytes[type]!) + 0,
  );
  // A division by nothing stands for "not known".
  if (!values.every(Number.isFinite)) return null;
  return values.length === 1 ? values[0]! : values;
}

/** Of what has no type, the texts: versions, and comments behind the eight letters of their code. */
function undefinedText(reader: Reader, bytes: Buffer, name: string): Json {
  if (name === 'ExifVersion') return textOrNull(utf8OrLatin1(bytes));
  const [code, text] = [bytes.toString('latin1', 0, 8), bytes.subarray(8)];
  if (code === 'UNICODE\0') return textOrNull(reader.utf16(text));
  return /^(ASCII\0|\0{8})/.test(code) ? textOrNull(utf8OrLatin1(text)) : null;
}

/** Up to its NUL. */
function utf8OrLatin1(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const whole = bytes.subarray(0, end === -1 ? bytes.length : end);
  const own = whole.subarray(0, mostText);
  try {
    // Where it is cut, then perhaps within a character.
    return new TextDecoder('utf-8', { fatal: true }).decode(own, { stream: own.length < whole.length });
  } catch {
    return own.toString('latin1');
  }
}

/** Without control characters. */
function textOrNull(given: string): string | null {
  const text = given
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed()
    .trim();
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

  /** UCS-2 up to its NUL, in the order of the numbers where no mark says which. */
  utf16(bytes: Buffer): string {
    const even = Buffer.from(bytes.subarray(0, Math.min(bytes.length & ~1, mostText)));
    const mark = even.toString('latin1', 0, 2);
    const isLittle = mark === '\xff\xfe' || (mark !== '\xfe\xff' && this.#isLittle);
    const text = (isLittle ? even : even.swap16()).toString('utf16le');
    return text.replace(/^\ufeff/, '').split('\0', 1)[0]!;
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
