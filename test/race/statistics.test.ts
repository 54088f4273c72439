import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, spread, tied } from '../../src/race/statistics.ts';

test('the median of an odd count is the middle value, of an even count the mean of the two middle ones', () => {
  assert.equal(median([10, 9, 1]), 9);
  assert.equal(median([10, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
});

test('no values have neither median nor spread', () => {
  assert.throws(() => median([]), RangeError);
  assert.throws(() => spread([]), RangeError);
});

test('the median does not depend on the order, lies within the spread, and leaves its input alone', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, (given) => {
      const before = [...given];
      const middle = median(given);
      assert.deepEqual(given, before);
      assert.equal(middle, median(given.toReversed()));
      assert.ok(middle >= spread(given).min && middle <= spread(given).max);
    }),
  );
});

test('medians within half the wider spread are a tie, those beyond it are not', () => {
  assert.equal(tied([1, 1.2, 1.4], [1.35, 1.36, 1.37]), true);
  assert.equal(tied([1, 1.2, 1.4], [1.45, 1.46, 1.47]), false);
});

test('close medians are a tie even where the runs scarcely differ', () => {
  assert.equal(tied([1, 1, 1], [1.02, 1.02, 1.02]), true);
  assert.equal(tied([1, 1, 1], [1.05, 1.05, 1.05]), false);
});

test('single runs a tenth apart are a tie, since nothing is known of their spread', () => {
  assert.equal(tied([1], [1.09]), true);
  assert.equal(tied([1], [1.2]), false);
});
