import { convert } from 'hyparquet/src/convert.js';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import type { ColumnDecoder, DecodedArray, Encoding } from 'hyparquet/src/types.js';
import { RunLengths } from './run-lengths.ts';

/** The values of a page that are not null, in their order, as many at a time as are asked for. */
export type TakeValues = (count: number) => DecodedArray;

type Column = Pick<ColumnDecoder, 'type' | 'element' | 'schemaPath' | 'parsers' | 'utf8'>;

/**
 * The values of a page with at most `most` of them. Where its encoding can be read in parts, no more is decoded than is
 * asked for: a page may have a million values. Throws what is wrong with `bytes`, here or when they are taken.
 */
export function valuesOf(
  bytes: Uint8Array,
  encoding: Encoding,
  column: Column,
  most: number,
  dictionary: DecodedArray | undefined,
): TakeValues {
  switch (encoding) {
    case 'PLAIN':
      if (column.type === 'BOOLEAN')
        return wholePage(readPlain(readerOf(bytes), 'BOOLEAN', Math.min(most, bytes.length * 8), 0), column);
      return plainValues(bytes, column);
    case 'RLE':
      return booleans(bytes, column);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return dictionaryValues(bytes, dictionary);
    default:
      return wholePage(decodeWhole(bytes, encoding, column, most), column);
  }
}

/** All values of a dictionary. */
export function dictionaryOf(bytes: Uint8Array, count: number, column: Column): DecodedArray {
  const take = plainValues(bytes, column);
  const values: unknown[] = [];
  // Not all at once: each has an object of its own until it is a text.
  while (values.length < count)
    for (const value of take(Math.min(count - values.length, 1000))) values.push(value);
  return values;
}

function readerOf(bytes: Uint8Array) {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function plainValues(bytes: Uint8Array, column: Column): TakeValues {
  const reader = readerOf(bytes);
  return (count) => {
    const raw = readPlain(reader, column.type, count, column.element.type_length);
    // What lies behind the page in memory is nobody's value.
    if (reader.offset > bytes.length) throw new RangeError('its values end too early');
    return convert(raw, column as ColumnDecoder);
  };
}

/** Of booleans alone. Before the runs stands how long they are. */
function booleans(bytes: Uint8Array, { type }: Column): TakeValues {
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

function wholePage(values: DecodedArray, column: Column): TakeValues {
  let at = 0;
  return (count) => {
    if (at + count > values.length) throw new RangeError('its values end too early');
    const raw = values.slice(at, at + count);
    at += count;
    return convert(raw, column as ColumnDecoder);
  };
}

function decodeWhole(
  bytes: Uint8Array,
  encoding: Encoding,
  { type, element }: Column,
  most: number,
): DecodedArray {
  const reader = readerOf(bytes);
  if (encoding === 'BYTE_STREAM_SPLIT') {
    const width = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 }[type as string] ?? element.type_length ?? 0;
    return byteStreamSplit(
      reader,
      width > 0 ? Math.floor(bytes.length / width) : 0,
      type,
      element.type_length,
    );
  }
  const count = bytes.length === 0 ? 0 : deltaCount(bytes);
  if (count > most) throw new RangeError('it has too many values');
  if (count === 0) return [];
  switch (encoding) {
    case 'DELTA_BINARY_PACKED': {
      const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, values);
      return values;
    }
    case 'DELTA_LENGTH_BYTE_ARRAY': {
      const values = new Array<Uint8Array>(count);
      deltaLengthByteArray(reader, count, values);
      return values;
    }
    case 'DELTA_BYTE_ARRAY': {
      const values = new Array<Uint8Array>(count);
      deltaByteArray(reader, count, values);
      return values;
    }
    default:
      throw new Error(`no known encoding${encoding === undefined ? '' : `: ${encoding}`}`);
  }
}

/** How many values there are stands behind the sizes of blocks. */
function deltaCount(bytes: Uint8Array): number {
  const reader = readerOf(bytes);
  readVarInt(reader);
  readVarInt(reader);
  return readVarInt(reader);
}
