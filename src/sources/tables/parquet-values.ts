import type { DecodedArray, Encoding } from 'hyparquet';
import { convert } from 'hyparquet/src/convert.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { RunLengths } from './run-lengths.ts';

/** What is known of a column, as hyparquet passes it on. */
export type ColumnDecoder = Parameters<typeof convert>[1];

/** The values of a page that are not null, in their order, as many at a time as are asked for. */
export type TakeValues = (count: number) => DecodedArray;

/** Bytes or characters of a column that are taken in one go: far more than those of any row that is meant. */
export const mostOfTake = 64 * 1024 ** 2;
/** Bytes of one value. */
const longestValue = 8 * 1024 ** 2;
/** Values that are decoded in one go, where there is no other way. */
const mostAtOnce = 1024 ** 2;

/**
 * The values of a page with at most `most` of them. Where its encoding can be read in parts, no more is decoded than is
 * asked for: a page may have a million values. Throws what is wrong with `bytes`, here or when they are taken.
 */
export function valuesOf(
  bytes: Uint8Array,
  encoding: Encoding,
  column: ColumnDecoder,
  most: number,
  dictionary: DecodedArray | undefined,
): TakeValues {
  switch (encoding) {
    case 'PLAIN':
      if (column.type === 'BOOLEAN') return plainBooleans(bytes);
      return plainValues(bytes, column);
    case 'RLE':
      return booleans(bytes, column);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return dictionaryValues(bytes, dictionary);
    case 'BYTE_STREAM_SPLIT':
      return wholePage(splitStream(bytes, column), column);
    case 'DELTA_BINARY_PACKED': {
      const isNarrow = column.type === 'INT32';
      return wholePage(deltaNumbers(readerOf(bytes), most, isNarrow ? Int32Array : BigInt64Array), column);
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY':
      return deltaTexts(bytes, encoding === 'DELTA_BYTE_ARRAY', column, most);
    default:
      throw new Error(`no known encoding${encoding === undefined ? '' : `: ${encoding}`}`);
  }
}

/** All values of a dictionary. */
export function dictionaryOf(bytes: Uint8Array, count: number, column: ColumnDecoder): DecodedArray {
  const take = plainValues(bytes, column);
  const values = new Array(count);
  // Not all at once: each has an object of its own until it is a text.
  for (let at = 0; at < count; at += 1000) {
    for (const [place, value] of take(Math.min(count - at, 1000)).entries()) values[at + place] = value;
  }
  return values;
}

function readerOf(bytes: Uint8Array) {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function plainValues(bytes: Uint8Array, column: ColumnDecoder): TakeValues {
  const reader = readerOf(bytes);
  return (count) => {
    const raw = readPlain(reader, column.type, count, column.element.type_length);
    // What lies behind the page in memory is nobody's value.
    if (reader.offset > bytes.length) throw new RangeError('its values end too early');
    return converted(raw, column);
  };
}

/** A bit for each, the lowest first. */
function plainBooleans(bytes: Uint8Array): TakeValues {
  let next = 0;
  const read = () => {
    const byte = bytes[next >> 3];
    if (byte === undefined) throw new RangeError('its values end too early');
    return ((byte >> (next++ & 7)) & 1) === 1;
  };
  return (count) => Array.from({ length: count }, read);
}

/** Of booleans alone. Before the runs stands how long they are. */
function booleans(bytes: Uint8Array, { type }: ColumnDecoder): TakeValues {
  if (type !== 'BOOLEAN') throw new Error(`values of ${type} as runs`);
  const runs = new RunLengths(bytes.subarray(4), 1);
  return (count) => Array.from({ length: count }, () => runs.next() === 1);
}

function dictionaryValues(bytes: Uint8Array, dictionary: DecodedArray | undefined): TakeValues {
  if (dictionary === undefined) throw new Error('it needs a dictionary, and there is none');
  // A page of nulls alone may have no bytes.
  const indices = new RunLengths(bytes.subarray(1), bytes[0] ?? 0);
  return (count) => {
    const values = new Array(count);
    for (let at = 0; at < count; at += 1) {
      const index = indices.next();
      if (index >= dictionary.length) throw new RangeError('a value is not in its dictionary');
      values[at] = dictionary[index];
    }
    return values;
  };
}

function wholePage(values: DecodedArray, column: ColumnDecoder): TakeValues {
  let at = 0;
  return (count) => {
    if (at + count > values.length) throw new RangeError('its values end too early');
    const raw = values.slice(at, at + count);
    at += count;
    return convert(raw, column);
  };
}

function converted(raw: DecodedArray, column: ColumnDecoder): DecodedArray {
  for (const value of raw) {
    if (value instanceof Uint8Array && value.length > longestValue)
      throw new RangeError('a value is too long');
  }
  return convert(raw, column);
}

function splitStream(bytes: Uint8Array, { type, element }: ColumnDecoder): DecodedArray {
  const widths: Record<string, number> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 };
  const width = widths[type] ?? element.type_length ?? 0;
  const count = width > 0 ? Math.floor(bytes.length / width) : 0;
  if (type === 'FIXED_LEN_BYTE_ARRAY' && count > mostAtOnce) throw new RangeError('it has too many values');
  return byteStreamSplit(readerOf(bytes), count, type, element.type_length);
}

/** Texts behind their lengths; `arePrefixed`: and behind how much of the text before each begins with. */
function deltaTexts(
  bytes: Uint8Array,
  arePrefixed: boolean,
  column: ColumnDecoder,
  most: number,
): TakeValues {
  const reader = readerOf(bytes);
  const prefixes = arePrefixed ? deltaNumbers(reader, most, Int32Array) : null;
  const lengths = deltaNumbers(reader, most, Int32Array);
  let [next, at] = [0, reader.offset];
  let before: Uint8Array = bytes.subarray(0, 0);
  let size = 0;
  const read = (): Uint8Array => {
    const prefix = prefixes === null ? 0 : prefixes[next];
    const end = at + (lengths[next] ?? Number.NaN);
    const isRight = end >= at && end <= bytes.length && prefix !== undefined && prefix >= 0;
    if (!isRight || prefix > before.length) throw new RangeError('its values end too early');
    const suffix = bytes.subarray(at, end);
    before = prefix === 0 ? suffix : Buffer.concat([before.subarray(0, prefix), suffix]);
    [next, at] = [next + 1, end];
    size += before.length;
    if (size > mostOfTake) throw new RangeError('its values are too long');
    return before;
  };
  return (count) => {
    size = 0;
    return converted(Array.from({ length: count }, read), column);
  };
}

type Numbers = typeof Int32Array | typeof BigInt64Array;

/** Before them stands how they are packed, and how many they are. */
function deltaNumbers<T extends Numbers>(
  reader: { view: DataView; offset: number },
  most: number,
  Values: T,
): InstanceType<T> {
  const values = (count: number) => new Values(count) as InstanceType<T>;
  // A page of nulls alone may have nothing.
  if (reader.offset >= reader.view.byteLength) return values(0);
  const header = { ...reader };
  const [block, parts, count] = [readVarInt(header), readVarInt(header), readVarInt(header)];
  // Where a block has less than nothing, hyparquet goes back and forth for ever.
  const isPacked = block > 0 && parts > 0 && parts <= reader.view.byteLength && block % parts === 0;
  if (!isPacked) throw new RangeError('its blocks have no right size');
  if (!(count >= 0 && count <= most)) throw new RangeError('it has not so many values');
  const output = values(count);
  if (count > 0) deltaBinaryUnpack(reader, count, output);
  else reader.offset = header.offset;
  return output;
}
