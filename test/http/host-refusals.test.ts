import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostRefusals } from '../../src/http/host-refusals.ts';

const host = 'a:80';

/** What each refusal comes to: S is served; R refused, begun after the one before; b begun before the last pause. */
function play(refusals: HostRefusals, answers: string): number[] {
  const pauses: number[] = [];
  for (const [at, answer] of [...answers].entries()) {
    const now = 1000 * (at + 1);
    if (answer === 'S') refusals.answered(host);
    else pauses.push(refusals.refused(host, answer === 'b' ? 0 : now - 10, now));
  }
  return pauses;
}

describe('a host that refuses', () => {
  it('is given a pause where it refuses most, a longer one each time, and one a burst', () => {
    assert.deepEqual(play(new HostRefusals(), 'RRbbRbR'), [1, 2, 0, 0, 3, 0, 4]);
  });

  it('is given none where it serves most of the others', () => {
    assert.deepEqual(play(new HostRefusals(), 'SSSSRSSRSSSRRSSSSR'), [0, 0, 0, 0, 0]);
  });

  it('begins with a short one again after it has served something', () => {
    assert.deepEqual(play(new HostRefusals(), 'RRRSR'), [1, 2, 3, 1]);
  });

  it('refuses everybody where so many in a row are no chance any more', () => {
    const inARow = (before: string) => {
      const refusals = new HostRefusals();
      play(refusals, before);
      for (let count = 1; ; count += 1) {
        refusals.refused(host, 0, 0);
        if (refusals.isShut(host)) return count;
      }
    };
    assert.equal(inARow(''), 3);
    assert.equal(inARow('S'.repeat(100)), 3);
    assert.equal(inARow('RSSSS'.repeat(20)), 4);
    assert.equal(inARow('RS'.repeat(50)), 8);
  });

  it('is paused as soon as it refuses everybody, though it served all before', () => {
    const refusals = new HostRefusals();
    assert.deepEqual(play(refusals, `${'S'.repeat(100)}RRRR`), [0, 0, 1, 2]);
    assert.equal(refusals.shutMs(host, 200_000), 200_000 - 101_000);
    refusals.answered(host);
    assert.deepEqual([refusals.isShut(host), refusals.shutMs(host, 200_000)], [false, 0]);
  });

  it('is no other host, and the hosts of a long list are let go', () => {
    const refusals = new HostRefusals();
    play(refusals, 'RRR');
    assert.deepEqual([refusals.isShut(host), refusals.isShut('b:80')], [true, false]);
    for (let n = 0; n < 1000; n += 1) refusals.answered(`h${n}:80`);
    assert.equal(refusals.isShut(host), false);
  });
});
