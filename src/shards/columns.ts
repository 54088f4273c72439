import type { SchemaElement } from 'hyparquet';
import type { Json } from '../core/json.ts';

/** What the values of a column have in common. */
export type ColumnType = 'none' | 'boolean' | 'int' | 'double' | 'text';

/** Of our own columns; all others of ours are text. */
const fixedTypes: Record<string, 'int32' | 'int'> = {
  width: 'int32',
  height: 'int32',
  original_width: 'int32',
  original_height: 'int32',
  bytes: 'int',
};

const elements = {
  none: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  int: { type: 'INT64' },
  int32: { type: 'INT32' },
  double: { type: 'DOUBLE' },
  bytes: { type: 'BYTE_ARRAY' },
} as const satisfies Record<string, Partial<SchemaElement>>;

function typeOf(value: Json): ColumnType {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'double';
  return 'text';
}

function common(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b || b === 'none') return a;
  if (a === 'none') return b;
  const areNumbers = (a === 'int' || a === 'double') && (b === 'int' || b === 'double');
  return areNumbers ? 'double' : 'text';
}

/**
 * The columns of a table, found from its rows: whole numbers are INT64, numbers DOUBLE, truths BOOLEAN, the rest UTF8, and
 * so is a column whose values are not of one kind. Lists and objects are JSON text. In the order in which they were seen.
 */
export class Columns {
  readonly #types: Map<string, ColumnType>;

  /** `types`: what others had seen, as their `types` says. */
  constructor(types: ReadonlyMap<string, ColumnType> = new Map()) {
    this.#types = new Map(types);
  }

  see(values: Record<string, Json>): void {
    for (const [name, value] of Object.entries(values)) {
      this.#types.set(name, common(this.#types.get(name) ?? 'none', typeOf(value)));
    }
  }

  /** What others saw, after what this one saw. */
  add(others: ReadonlyMap<string, ColumnType>): void {
    for (const [name, type] of others) this.#types.set(name, common(this.#types.get(name) ?? 'none', type));
  }

  /** By name, in the order in which they were seen. */
  get types(): ReadonlyMap<string, ColumnType> {
    return this.#types;
  }

  get names(): string[] {
    return [...this.#types.keys()];
  }

  typeOf(name: string): ColumnType {
    return this.#types.get(name) ?? 'none';
  }
}

/** A column as it is written: how it stands in the file, and each value in it. */
export interface WrittenColumn {
  name: string;
  element: SchemaElement;
  convert(value: Json | Uint8Array | undefined): unknown;
}

export function inputColumn(name: string, type: ColumnType): WrittenColumn {
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
      if (type === 'int') return BigInt(value as number);
      if (type === 'text') return typeof value === 'string' ? value : JSON.stringify(value);
      return value;
    },
  };
}
