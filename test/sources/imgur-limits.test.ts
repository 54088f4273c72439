import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ImgurQuota } from '../../src/sources/imgur-quota.ts';
import { readImage } from '../../src/sources/imgur-shapes.ts';

const now = Date.UTC(2025, 0, 1);

it('a time of reset that no limit lasts to is not believed', () => {
  for (const reset of ['99999999999999999999', '11111111111111', '9'.repeat(400), '-5', '0']) {
    const quota = new ImgurQuota(() => now);
    quota.read({ 'x-ratelimit-userremaining': '0', 'x-ratelimit-userreset': reset });
    assert.equal(quota.waitMs, 3_600_000, reset);
    assert.match(quota.error().message, /2025-01-01 01:00 UTC/);
  }
});

it('half a character in an id is replaced: stored, it would be another id', () => {
  assert.equal(readImage({ id: 'a\ud800b' })!.id, 'a\ufffdb');
});
