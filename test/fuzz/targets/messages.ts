import assert from 'node:assert/strict';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { blankOutcome } from '../../../src/core/blank-outcome.ts';
import { errorFromData, errorToData } from '../../../src/core/error-data.ts';
import {
  asGallopError,
  DiskError,
  GallopError,
  InternalError,
  InterruptedError,
  ListingError,
  UsageError,
} from '../../../src/core/errors.ts';
import type { Item } from '../../../src/core/item.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { infoOf, isInfoOf } from '../../../src/download/info.ts';
import { textsNear } from '../mutations.ts';
import { target } from '../target.ts';

const text = textsNear(['no space left on the disk', 'x', '']);
const plain = { noNullPrototype: true };
const details = fc.record({ code: text, hint: fc.option(text, { nil: undefined }) }, plain);

const error = fc.oneof(
  fc
    .tuple(fc.constantFrom(UsageError, ListingError, DiskError, InternalError), text, details)
    .map(([Class, message, more]) => new Class(message, more)),
  text.map((message) => new InterruptedError(message)),
  fc.tuple(text, details).map(([message, more]) => new GallopError(message, { ...more, exitCode: 7 })),
  text.map((message) => asGallopError(new Error(message))),
);

/** An error that ended a worker's run, or a race's, arrives as what it was. */
const errors = target<GallopError>({
  name: 'errors over a border',
  weight: 30,
  open: () => ({
    inputs: error,
    check(given) {
      const arrived = errorFromData(deserialize(serialize(errorToData(given))));
      assert.equal(arrived.constructor, given.constructor);
      for (const name of ['name', 'message', 'code', 'exitCode', 'hint'] as const) {
        assert.equal(arrived[name], given[name], name);
      }
    },
  }),
});

/** An error of a worker of another version, or of one that is out of its mind. */
const strange = target<Record<string, unknown>>({
  name: 'rubbish in place of an error',
  weight: 20,
  open: () => ({
    inputs: fc.record({
      name: fc.oneof(fc.constantFrom('UsageError', 'DiskError', 'constructor', '__proto__'), text),
      message: text,
      code: text,
      exitCode: fc.integer(),
      hint: fc.option(text, { nil: undefined }),
    }),
    check(given) {
      const arrived = errorFromData(given as never);
      assert.ok(arrived instanceof GallopError && Number.isInteger(arrived.exitCode));
    },
  }),
});

const json = fc.jsonValue({ maxDepth: 3 });
const items = fc.record(
  {
    key: text,
    url: text,
    name: text,
    title: text,
    index: fc.nat(),
    reach: fc.subarray(['loopback', 'private'] as const).map((some) => [...some]),
    meta: fc.dictionary(fc.string(), json, { noNullPrototype: true }),
  },
  plain,
);

/** Items and outcomes, to workers and to a race's runs, and what `--info` says of them. */
const crossing = target<Omit<Item, 'meta'> & { meta: Record<string, unknown> }>({
  name: 'items over a border',
  weight: 20,
  open: () => ({
    inputs: items,
    check(given) {
      const item = given as Item;
      assert.deepEqual(deserialize(serialize({ type: 'items', items: [item] })).items, [item]);
      const outcome: Outcome = { ...blankOutcome(item), status: 'saved', path: item.name ?? null };
      const info = infoOf(item, outcome);
      assert.ok(isInfoOf(item, outcome, info));
      assert.ok(!isInfoOf(item, { ...outcome, path: `${outcome.path}x` }, info));
    },
  }),
});

/** Any file may stand where `--info` wants to write. */
const info = target<string>({
  name: 'a file in the place of one of --info',
  weight: 20,
  open: () => ({
    inputs: textsNear(['{"key":"k","path":"p.jpg"}', 'null', '[]'], ['"key":', '"path":']),
    check(text) {
      const item: Item = { key: 'k', url: 'http://h/', index: 1, reach: [] };
      assert.equal(
        typeof isInfoOf(item, { ...blankOutcome(item), status: 'saved', path: 'p.jpg' }, text),
        'boolean',
      );
    },
  }),
});

export const messageTargets = [errors, strange, crossing, info];
