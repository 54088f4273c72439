import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Hashing } from '../../src/download/hashing.ts';

describe('digests of a body', () => {
  const body = randomBytes(100_000);
  for (const pieces of [0, 1, 2, 5]) {
    it(`that came in ${pieces} pieces`, () => {
      const hashing = new Hashing({ sha1: 'promised', md5: 'promised' });
      const length = Math.ceil(body.length / pieces);
      for (let at = 0; at < pieces; at += 1) hashing.update(body.subarray(at * length, (at + 1) * length));
      const whole = pieces === 0 ? Buffer.alloc(0) : body;
      const [sha256, sha1, md5] = ['sha256', 'sha1', 'md5'].map((name) => hash(name, whole));
      assert.deepEqual(hashing.digest(), { sha256, sha1, md5 });
    });
  }

  it('are those that were promised, and sha256', () => {
    const hashing = new Hashing({ md5: 'promised', bytes: 3 });
    hashing.update(Buffer.from('abc'));
    assert.deepEqual(Object.keys(hashing.digest()), ['sha256', 'md5']);
    assert.deepEqual(Object.keys(new Hashing(undefined).digest()), ['sha256']);
  });
});
