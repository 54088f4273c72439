import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { DuplicateIndex } from '../../src/shards/duplicate-index.ts';
import { HashIndex } from '../../src/shards/hash-index.ts';
import { randomNumbers } from '../soak/random.ts';

const digestOf = (n: number) => hash('sha256', `${n}`);

function distance(a: string, b: string): number {
  return (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;
}

describe('the index of duplicates', () => {
  it('finds equal digests among many, and says which came first', () => {
    const index = new DuplicateIndex('digest');
    for (let n = 0; n < 20_000; n += 1) assert.equal(index.claim({ sha256: digestOf(n) }, n), null);
    for (let n = 0; n < 20_000; n += 1) assert.equal(index.claim({ sha256: digestOf(n) }, n + 20_000), n);
    assert.equal(index.claim({ sha256: null }, 1), null);
  });

  for (const most of [0, 2, 3, 5, 8, 16]) {
    it(`finds what differs in ${most} bits of 64 or fewer, and nothing else`, () => {
      const random = randomNumbers(most + 1);
      const word = () =>
        Math.floor(random() * 2 ** 32)
          .toString(16)
          .padStart(8, '0');
      const index = new HashIndex(most);
      const added: string[] = [];
      let near = 0;
      for (let n = 0; n < 400; n += 1) {
        let hashed = word() + word();
        // Most are some bits away from one that is there.
        if (added.length > 0 && n % 4 !== 0) {
          let bits = BigInt(`0x${added[Math.floor(random() * added.length)]}`);
          const flips = Math.floor(random() * (most + 3));
          for (let flip = 0; flip < flips; flip += 1) bits ^= 1n << BigInt(Math.floor(random() * 64));
          hashed = bits.toString(16).padStart(16, '0');
        }
        const first = added.findIndex((one) => distance(one, hashed) <= most);
        assert.equal(index.find(hashed), first === -1 ? null : first);
        if (first !== -1) near += 1;
        index.add(hashed, added.length);
        added.push(hashed);
      }
      assert.ok(near > 100 && near < 400, `${near} were near`);
    });
  }

  it('with a distance finds the nearest by bytes, then by looks; what is another is remembered by both', () => {
    const index = new DuplicateIndex(4);
    const of = (n: number, phash: string) => ({ sha256: digestOf(n), phash });
    assert.equal(index.claim(of(1, '0000000000000000'), 1), null);
    assert.equal(index.claim(of(2, 'ffffffffffffffff'), 2), null);
    assert.equal(index.claim(of(3, 'fffffffffffffff0'), 3), 2);
    assert.equal(index.claim(of(1, 'ffffffffffffffff'), 4), 1);
    // What was not remembered has no like of its own.
    assert.equal(index.claim(of(3, '000000000000ffff'), 5), null);
    assert.equal(index.claim(of(3, '0000000000000000'), 6), 5);
  });

  it('with a distance still finds equal bytes of what has no perceptual hash', () => {
    const index = new DuplicateIndex(4);
    assert.equal(index.claim({ sha256: digestOf(1), phash: null }, 7), null);
    assert.equal(index.claim({ sha256: digestOf(1) }, 8), 7);
  });
});
