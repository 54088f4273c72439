/**
 * What the values of a column have in common. `int`: whole numbers that a JSON number holds; `long` and `ulong`: of 64 bits, with and
 * without a sign, as texts of digits where a number does not hold them. `text` is everything else; lists and objects are JSON text.
 */
export type ColumnType = 'none' | 'boolean' | 'int' | 'long' | 'ulong' | 'double' | 'text';

/** A column of the tables that a run reads. */
export interface TableColumn {
  name: string;
  type: ColumnType;
}

/** Of a value as JSON has it; a whole number that a number does not hold is a bigint. */
export function typeOfValue(value: unknown): ColumnType {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'double';
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'long' : 'text';
    default:
      return value === null || value === undefined ? 'none' : 'text';
  }
}

/** The narrowest type that loses nothing of either: whole numbers of 64 bits are no doubles. */
export function commonType(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b || b === 'none') return a;
  if (a === 'none') return b;
  const isOf = (...types: ColumnType[]) => types.includes(a) && types.includes(b);
  if (isOf('int', 'double')) return 'double';
  return isOf('int', 'long') ? 'long' : 'text';
}

/** Columns with the types that all their values have in common, in the order in which they were seen. */
export class TableColumns {
  readonly #types = new Map<string, ColumnType>();

  see(name: string, type: ColumnType): void {
    const before = this.#types.get(name);
    // So it is with nearly every value.
    if (before === type) return;
    this.#types.set(name, commonType(before ?? 'none', type));
  }

  add(columns: Iterable<TableColumn>): void {
    for (const { name, type } of columns) this.see(name, type);
  }

  get size(): number {
    return this.#types.size;
  }

  get list(): TableColumn[] {
    return Array.from(this.#types, ([name, type]) => ({ name, type }));
  }
}
