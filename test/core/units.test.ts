import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/core/errors.ts';
import { formatBytes, formatSeconds, parseDuration, parseRate, parseSize } from '../../src/core/units.ts';

/** Each text and its value; null where it is refused. */
function table(read: (text: string) => number, rows: [text: string, value: number | null][]): void {
  for (const [text, value] of rows) {
    it(value === null ? `refuses '${text}' and repeats it` : `reads '${text}' as ${value}`, () => {
      if (value !== null) return assert.equal(read(text), value);
      assert.throws(
        () => read(text),
        (error) => error instanceof UsageError && error.message.startsWith(`'${text}' is not a `),
      );
    });
  }
}

describe('parseDuration', () =>
  table(parseDuration, [
    ['500ms', 500],
    ['8s', 8000],
    ['1.5h', 5_400_000],
    ['2m', 120_000],
    ['1d', 86_400_000],
    [' 3s ', 3000],
    ['0', 0],
    ['30', null],
    ['', null],
    ['8 s', null],
    ['-1s', null],
    ['1e3s', null],
    ['8S', null],
    ['s', null],
  ]));

describe('parseSize', () =>
  table(parseSize, [
    ['1000', 1000],
    ['0', 0],
    ['12b', 12],
    ['256KiB', 262_144],
    ['5MB', 5_000_000],
    ['5 mb', 5_000_000],
    ['1.5k', 1500],
    ['2GB', 2_000_000_000],
    ['1GiB', 1_073_741_824],
    ['3TB', 3_000_000_000_000],
    ['5XB', null],
    ['5constructor', null],
    ['MB', null],
    ['', null],
    ['-5', null],
    ['0x10', null],
  ]));

describe('parseRate', () =>
  table(parseRate, [
    ['1MB/s', 1_000_000],
    ['500KB', 500_000],
    [' 2KiB/s ', 2048],
    ['0', null],
    ['0MB/s', null],
    ['fast', null],
  ]));

describe('formatBytes', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [855.105293850317, '855 B'],
    [999.4, '999 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [12_345, '12.3 kB'],
    [123_456, '123 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_234_567, '1.23 MB'],
    [5e15, '5000 TB'],
  ] as const) {
    it(`writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));
  }
});

describe('formatSeconds', () => {
  for (const [seconds, text] of [
    [0, '0.00 s'],
    [0.42, '0.42 s'],
    [12.34, '12.3 s'],
    [60, '1:00'],
    [83, '1:23'],
    [3599.6, '1:00:00'],
    [4000, '1:06:40'],
  ] as const) {
    it(`writes ${seconds} as ${text}`, () => assert.equal(formatSeconds(seconds), text));
  }
});
