import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ColumnType, commonType, TableColumns, typeOfValue } from '../../src/core/table-columns.ts';

const types: ColumnType[] = ['none', 'boolean', 'int', 'long', 'ulong', 'double', 'text'];

describe('the type that values have in common', () => {
  it('does not depend on the order in which they come, or on how they are grouped', () => {
    for (const a of types) {
      for (const b of types) {
        assert.equal(commonType(a, b), commonType(b, a));
        for (const c of types)
          assert.equal(commonType(commonType(a, b), c), commonType(a, commonType(b, c)), `${a} ${b} ${c}`);
      }
    }
  });

  it('loses nothing of any of them', () => {
    const common = (...values: unknown[]) => {
      const columns = new TableColumns();
      for (const value of values) columns.see('a', typeOfValue(value));
      return columns.list[0]!.type;
    };
    assert.equal(common(null, undefined), 'none');
    assert.equal(common(null, 1, 2 ** 53 - 1), 'int');
    assert.equal(common(1, 11.5), 'double');
    assert.equal(common(1, 2 ** 60), 'double', 'a number that JSON has as 1.2e18');
    assert.equal(common(1, 2n ** 63n - 1n, -(2n ** 63n)), 'long');
    assert.equal(common(1, 2n ** 63n), 'text');
    assert.equal(common(2n ** 60n, 0.5), 'text', 'a double would round it');
    assert.equal(common(true, null, false), 'boolean');
    assert.equal(common(true, 1), 'text');
    assert.equal(common('1', 1), 'text');
    assert.equal(common([1]), 'text');
  });
});
