import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoodputClimb } from '../../src/strategies/goodput-climb.ts';

/** So many samples, one a second, of a window that is filled and cannot grow. */
function hold(climb: GoodputClimb, from: number, samples: number, files: number): number {
  for (let n = 1; n <= samples; n += 1) {
    for (let file = 0; file < files; file += 1) climb.ended();
    climb.received(1000 * files);
    climb.tick(from + 1000 * n, true);
  }
  return from + 1000 * samples;
}

test('a climb that is held up for long remembers no more than its latest samples', () => {
  const climb = new GoodputClimb(16, 500, 0);
  let now = hold(climb, 0, 10, 300);
  for (let answer = 0; answer < 8; answer += 1) climb.firstByte(50, true);
  assert.equal(climb.size, 24);
  now = hold(climb, now, 50, 100);
  assert.deepEqual([climb.state, climb.enough], ['growing', 16]);
  hold(climb, now, 60, 100);
  assert.deepEqual([climb.state, climb.enough], ['growing', 24]);
});
