import type { SchemaElement } from 'hyparquet';
import type { Json } from '../core/json.ts';
import type { ColumnType } from '../core/table-columns.ts';

/** What a column of the input is in a shard's table. */
export type StoredType = 'boolean' | 'int64' | 'uint64' | 'double' | 'text';

export const storedTypes: Readonly<Record<ColumnType, StoredType>> = {
  none: 'text',
  boolean: 'boolean',
  int: 'int64',
  long: 'int64',
  ulong: 'uint64',
  double: 'double',
  text: 'text',
};

/** Of our own columns; all others of ours are text. */
const fixedTypes: Record<string, 'int32' | 'int64'> = {
  width: 'int32',
  height: 'int32',
  original_width: 'int32',
  original_height: 'int32',
  bytes: 'int64',
};

const elements = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  int64: { type: 'INT64' },
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
  int32: { type: 'INT32' },
  double: { type: 'DOUBLE' },
  bytes: { type: 'BYTE_ARRAY' },
} as const satisfies Record<string, Partial<SchemaElement>>;

/** Whether a column of that type holds the value as it is. Text holds all; whole numbers may be texts of their digits. */
export function holds(type: StoredType, value: Json | undefined): boolean {
  if (value === null || value === undefined || type === 'text') return true;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'double') return typeof value === 'number';
  const isWhole = typeof value === 'string' ? /^-?\d{16,20}$/.test(value) : Number.isSafeInteger(value);
  if (!isWhole) return false;
  const whole = BigInt(value as string | number);
  return whole === (type === 'int64' ? BigInt.asIntN(64, whole) : BigInt.asUintN(64, whole));
}

/** A column as it is written: how it stands in the file, and each value in it. */
export interface WrittenColumn {
  name: string;
  element: SchemaElement;
  convert(value: Json | Uint8Array | undefined): unknown;
}

/** Its values are such as it `holds`. */
export function inputColumn(name: string, type: StoredType): WrittenColumn {
  return column(name, type);
}

/** One of our own. */
export function ownColumn(name: string): WrittenColumn {
  return column(name, fixedTypes[name] ?? 'text');
}

export function bytesColumn(name: string): WrittenColumn {
  return column(name, 'bytes');
}

function column(name: string, type: keyof typeof elements): WrittenColumn {
  return {
    name,
    element: { name, repetition_type: 'OPTIONAL', ...elements[type] },
    convert(value) {
      if (value === null || value === undefined) return undefined;
      if (type === 'int64' || type === 'uint64') return BigInt(value as number | string);
      if (type === 'text') return typeof value === 'string' ? value : JSON.stringify(value);
      return value;
    },
  };
}
