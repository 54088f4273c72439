import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/core/errors.ts';
import { runOptions } from '../../src/core/options/options.ts';
import {
  optionsFromConfig,
  optionsFromEnvironment,
  resolveRunSpec,
} from '../../src/core/options/resolve-options.ts';
import { configName } from '../../src/core/options/run-option.ts';

const file = 'gallop.config.json';
const names = runOptions.map(configName);

/** What the file's options come to, or the message that refuses them. */
function read(config: unknown): object | string {
  try {
    return optionsFromConfig(config, file);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
}

/** Any JSON, and what comes near to being right. */
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(...['8s', '5MB', '1-20', 'async', 'mp4', 'magic', 'X: y', 'http://h', '', '0', '30', '\n']),
  fc.array(fc.record({ from: fc.oneof(fc.jsonValue(), fc.integer()), to: fc.jsonValue() }), { maxLength: 2 }),
  fc.integer({ min: -1, max: 300 }),
);

describe('optionsFromConfig', () => {
  it('any value is either right for a run too, or refused with the names of the file and the option', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), value, (name, it) => {
        const found = read({ [name]: it });
        if (typeof found === 'object') resolveRunSpec(found);
        else assert.ok(found.startsWith(`${file}: ${name}: `) && found.length > `${file}: ${name}: `.length);
      }),
      { numRuns: 5000 },
    );
  });

  it('a file that is not an object of options is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (config) => {
        const found = read(config);
        if (typeof found === 'string') assert.ok(found.startsWith(`${file}: `));
        else assert.deepEqual(config, {});
      }),
    );
  });

  const refused: [config: object, message: RegExp][] = [
    [{ range: [null] }, /range: must be ranges of positions.*1-20/],
    [{ range: [{ from: 1, to: 2.5 }] }, /range: must be ranges/],
    [{ range: [{ from: 1 }] }, /range: must be ranges/],
    [{ range: [{ from: 5, to: 4 }] }, /range: must be ranges/],
    [{ timeout: 30 }, /timeout: must be a text with its unit, such as "8s"/],
    [{ timeout: '30' }, /timeout: '30' is not a duration/],
    [{ timeout: null }, /timeout: must be a text such as "8s"/],
    [{ limitRate: 1000 }, /limitRate: must be a text with its unit, such as "2MB\/s"/],
    [{ header: ['a'] }, /header: must be names and values/],
    [{ userAgent: 'a\r\nb' }, /userAgent: must be a text that a header can hold/],
    [{ perHots: 3 }, /there is no option 'perHots'; there are dir, /],
  ];
  for (const [config, message] of refused) {
    it(`refuses ${JSON.stringify(config)}`, () => assert.match(String(read(config)), message));
  }

  it('takes texts as on the command line, and what can only mean one thing', () => {
    const config = {
      ...{ timeout: '8s', limitRate: '2MB/s', maxBytes: 5000, perHost: '20', range: '1-20,40-' },
      ...{ workers: null, info: true, header: { 'X-Name': 'value' } },
    };
    assert.deepEqual(read(config), {
      ...{ timeoutMs: 8000, limitBytesPerSecond: 2e6, maxBytes: 5000, perHost: 20 },
      range: [
        { from: 1, to: 20 },
        { from: 40, to: null },
      ],
      ...{ workers: null, info: true, headers: { 'X-Name': 'value' } },
    });
  });
});

it('lists are one or several, wherever they are named', () => {
  assert.deepEqual(optionsFromEnvironment({ GALLOP_INPUT: 'a,b.csv' }), { input: ['a,b.csv'] });
  assert.deepEqual(optionsFromConfig({ input: 'a.csv' }, 'file'), { input: ['a.csv'] });
  assert.deepEqual(optionsFromConfig({ input: ['a.csv', 'b'] }, 'file'), { input: ['a.csv', 'b'] });
  assert.throws(() => optionsFromConfig({ input: [''] }, 'file'), /input: must be a text or a list of texts/);
  for (const [given, input] of [
    ['a', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [null, []],
    [undefined, []],
  ] as const) {
    assert.deepEqual(resolveRunSpec({ input: given }).input, input);
  }
  assert.throws(() => resolveRunSpec({ input: 5 as never }), /input must be a text or a list/);
});

it('a position past every number is refused where it is read, and where it stands is said', () => {
  assert.throws(
    () => optionsFromEnvironment({ GALLOP_RANGE: '9'.repeat(30) }),
    /GALLOP_RANGE: '9+' is not a range/,
  );
});

it('types of files are whole, whatever their case', () => {
  const { mime } = optionsFromEnvironment({ GALLOP_MIME: 'image/JPEG, image/svg+xml' });
  assert.deepEqual(mime, ['image/jpeg', 'image/svg+xml']);
  for (const wrong of ['jpeg', 'image/*', 'image/', 'image/jpeg;q=1']) {
    assert.throws(
      () => optionsFromEnvironment({ GALLOP_MIME: wrong }),
      /is not a type, or several: write image\/jpeg/,
    );
    assert.throws(() => resolveRunSpec({ mime: [wrong] }), /must be types/);
  }
});
