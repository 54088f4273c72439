import type { DecodedArray } from 'hyparquet';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js';
import type { PackedPage } from './parquet-pages.ts';
import { type ColumnDecoder, type TakeValues, valuesOf } from './parquet-values.ts';
import { RunLengths } from './run-lengths.ts';

/** The levels of a page, one for each entry; a column that has none has 0 for all. */
type Levels = () => number;

/** A page of data, unpacked. An entry is a value, a null, or a list without anything in it. */
export interface DataPage {
  entries: number;
  /** How much of the way to its value is there: all of it at the highest level. */
  nextDefinition: Levels;
  /** At which depth a list goes on: 0 where a row begins. */
  nextRepetition: Levels;
  takeValues: TakeValues;
}

/** Throws where it cannot be right, there or when something is taken of it. */
export function openDataPage(
  { header, body }: PackedPage,
  column: ColumnDecoder,
  dictionary: DecodedArray | undefined,
): DataPage {
  const { data_page_header: v1, data_page_header_v2: v2, uncompressed_page_size: size } = header;
  const mostDefinition = getMaxDefinitionLevel(column.schemaPath);
  const mostRepetition = getMaxRepetitionLevel(column.schemaPath);
  if (header.type === 'DATA_PAGE' && v1 !== undefined) {
    const bytes = unpack(body, size, column);
    const repetition = mostRepetition > 0 ? prefixed(bytes) : { runs: none, rest: bytes };
    const definition = mostDefinition > 0 ? prefixed(repetition.rest) : { runs: none, rest: repetition.rest };
    return {
      entries: v1.num_values,
      nextRepetition: levels(repetition.runs, mostRepetition),
      nextDefinition: levels(definition.runs, mostDefinition),
      takeValues: valuesOf(definition.rest, v1.encoding, column, v1.num_values, dictionary),
    };
  }
  if (header.type === 'DATA_PAGE_V2' && v2 !== undefined) {
    const { repetition_levels_byte_length: ofRepetition, definition_levels_byte_length: ofDefinition } = v2;
    const [repetition, afterRepetition] = split(body, ofRepetition);
    const [definition, packed] = split(afterRepetition, ofDefinition);
    const ofValues = size - ofRepetition - ofDefinition;
    const bytes = v2.is_compressed === false ? packed : unpack(packed, ofValues, column);
    return {
      entries: v2.num_values,
      nextRepetition: levels(repetition, mostRepetition),
      nextDefinition: levels(definition, mostDefinition),
      takeValues: valuesOf(bytes, v2.encoding, column, v2.num_values, dictionary),
    };
  }
  throw new Error(`no known kind of page${header.type === undefined ? '' : `: ${header.type}`}`);
}

/** The bytes of a page. `size`: what they are unpacked. */
export function unpack(body: Uint8Array, size: number, { codec, compressors }: ColumnDecoder): Uint8Array {
  // Not every packer has something for nothing, and not every unpacker can make nothing of it.
  return size === 0 ? none : decompressPage(body, size, codec, compressors);
}

const none = new Uint8Array();

function levels(runs: Uint8Array, most: number): Levels {
  if (most === 0) return () => 0;
  const reader = new RunLengths(runs, 32 - Math.clz32(most));
  return () => {
    const level = reader.next();
    if (level > most) throw new RangeError('a value is deeper than its column');
    return level;
  };
}

/** Runs behind their length, and what stands behind them. */
function prefixed(bytes: Uint8Array): { runs: Uint8Array; rest: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const [runs, rest] = split(bytes.subarray(4), length);
  return { runs, rest };
}

function split(bytes: Uint8Array, length: number): [Uint8Array, Uint8Array] {
  if (!(length >= 0 && length <= bytes.length)) throw new RangeError('its levels are longer than itself');
  return [bytes.subarray(0, length), bytes.subarray(length)];
}
