import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { itemNote, parseItemNote } from '../../src/core/item-note.ts';

test('a note of an item is one line of comment, and comes back as it was', () => {
  const plain = { noNullPrototype: true };
  const text = fc.string({ unit: 'binary' });
  const note = fc.record(
    {
      key: fc.string({ minLength: 1, maxLength: 100, unit: 'binary' }),
      name: text,
      title: text,
      album: fc.record({ id: text, title: text }, plain),
      expect: fc.record({ bytes: fc.nat(), sha256: text, width: fc.nat() }, plain),
    },
    { requiredKeys: ['key'], ...plain },
  );
  fc.assert(
    fc.property(note, (given) => {
      const line = itemNote(given);
      assert.match(line, /^#/);
      assert.doesNotMatch(line, /[\r\n]/);
      assert.deepEqual(parseItemNote(line), { ...given });
    }),
  );
});

test('any other line, and any note that was changed beyond use, is none; nothing throws', () => {
  for (const line of [
    '',
    '# comment',
    '#item',
    '#item {',
    '#item []',
    '#item {"key":""}',
    '#item {"key":5}',
    // Two halves of characters would be one key in the journal.
    '#item {"key":"\\ud800"}',
  ]) {
    assert.equal(parseItemNote(line), null, line);
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const note = parseItemNote(`#item ${JSON.stringify(value)}`);
      assert.ok(note === null || typeof note.key === 'string');
    }),
  );
});

test('a note of long texts is a line that is still read, with its key and what was promised', () => {
  const long = '\0'.repeat(100_000);
  const key = '\0'.repeat(8000);
  const line = itemNote({
    key,
    name: long,
    title: long,
    album: { id: long, title: long },
    expect: { bytes: 7 },
  });
  assert.ok(line.length < 64 * 1024, String(line.length));
  const { name, ...rest } = parseItemNote(line)!;
  assert.deepEqual([rest.key, rest.expect, name!.length], [key, { bytes: 7 }, 500]);
});

test('a promise that no file can keep is none', () => {
  assert.deepEqual(parseItemNote('#item {"key":"k","expect":{"bytes":-1,"width":1.5,"height":3}}')!.expect, {
    height: 3,
  });
});
