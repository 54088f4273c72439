import type { SchemaTree } from 'hyparquet';
import type { ColumnType } from '../../core/table-columns.ts';

/** What the values of a field are, as hyparquet hands them on and `plainJson` makes them plain. */
export function typeOfField({ element, children }: SchemaTree): ColumnType {
  const { type, converted_type: converted, logical_type: logical, repetition_type: repetition } = element;
  if (children.length > 0 || repetition === 'REPEATED') return 'text';
  if (converted === 'DECIMAL' || logical?.type === 'FLOAT16') return 'double';
  if (converted === 'DATE' || converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS')
    return 'text';
  if (logical?.type === 'TIMESTAMP') return 'text';
  switch (type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'FLOAT':
    case 'DOUBLE':
      return 'double';
    case 'INT32':
      return 'int';
    case 'INT64':
      return isUnsigned(element) ? 'ulong' : 'long';
    default:
      return 'text';
  }
}

function isUnsigned({ converted_type: converted, logical_type: logical }: SchemaTree['element']): boolean {
  return converted === 'UINT_64' || (logical?.type === 'INTEGER' && !logical.isSigned);
}
