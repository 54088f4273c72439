import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorFromData, errorToData } from '../../src/core/error-data.ts';
import {
  asGallopError,
  DiskError,
  GallopError,
  InternalError,
  InterruptedError,
  ListingError,
  UsageError,
} from '../../src/core/errors.ts';

const errors = [
  new UsageError('u', { code: 'directory-in-use', hint: 'wait' }),
  new ListingError('l', { code: 'refused', hint: 'ask' }),
  new DiskError('d', { code: 'no-space', hint: 'make room' }),
  new InterruptedError('i'),
  new InternalError('b', { hint: 'say it' }),
  new GallopError('g', { code: 'other', exitCode: 9 }),
];
for (const error of errors) {
  test(`${error.name} crosses as JSON with its class, code, exit code and hint`, () => {
    const found = errorFromData(JSON.parse(JSON.stringify(errorToData(error))));
    assert.equal(found.constructor, error.constructor);
    assert.deepEqual({ ...errorToData(found) }, { ...errorToData(error) });
  });
}

test('whatever is thrown is an error of the tree, also what no text can be made of', () => {
  for (const [thrown, message] of [
    [new TypeError('t'), 't'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [Object.create(null), 'object'],
    [{ toString: 1 }, 'object'],
  ] as const) {
    const error = asGallopError(thrown);
    assert.deepEqual([error.name, error.message], ['InternalError', message]);
  }
});
