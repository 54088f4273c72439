import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Item } from '../../src/core/item.ts';
import { readRecipe, recipeText } from '../../src/core/recipe.ts';

const item = (more: Partial<Item>): Item => ({
  key: 'k',
  url: 'http://host/a.jpg',
  index: 1,
  reach: [],
  ...more,
});

it('a recipe says what the source let and promised, and nothing where there is nothing to say', () => {
  assert.equal(recipeText(item({})), null);
  assert.equal(recipeText(item({ expect: {} })), null);
  const given = {
    reach: ['loopback' as const],
    expect: { bytes: 7, md5: 'ab' },
    mirrors: ['http://b/a.jpg'],
  };
  assert.deepEqual(readRecipe(recipeText(item(given))), given);
  assert.deepEqual(readRecipe(null), { reach: [] });
});

it('a recipe holds no password, neither of the address nor of a mirror, and says that there was one', () => {
  const text = recipeText(item({ url: 'http://u:s3cret@host/a', mirrors: ['http://u:s3cret@mirror/a'] }))!;
  assert.doesNotMatch(text, /s3cret/);
  assert.deepEqual(readRecipe(text), { reach: [], mirrors: ['http://mirror/a'], hadUser: true });
});

it('of a recipe that no run wrote, what makes no sense is left out', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '7',
    '"x"',
    '{',
    '{"reach":"loopback"}',
    '{"reach":[7,"public","all"]}',
  ]) {
    assert.deepEqual(readRecipe(text), { reach: [] }, text);
  }
  assert.deepEqual(readRecipe('{"mirrors":[7],"expect":{"bytes":"7","sha256":1},"hadUser":"yes"}'), {
    reach: [],
    expect: {},
  });
});
