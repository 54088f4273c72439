import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedShare } from '../../src/core/refused-share.ts';

function shareOf(answers: boolean[]): RefusedShare {
  const share = new RefusedShare();
  for (const wasRefused of answers) share.add(wasRefused);
  return share;
}

test('the share of the refused is right from the first answer on', () => {
  assert.equal(shareOf([]).value, 0);
  assert.equal(shareOf([true]).value, 1);
  assert.ok(Math.abs(shareOf([true, false, false, true]).value - 0.5) < 0.01);
});

test('the last thirty answers or so decide, however many there were before', () => {
  const before = Array.from({ length: 1000 }, () => false);
  const refused = (count: number) => shareOf([...before, ...Array.from({ length: count }, () => true)]).value;
  assert.ok(refused(5) < 0.25, String(refused(5)));
  assert.ok(refused(15) > 0.5, String(refused(15)));
  assert.ok(refused(60) > 0.95, String(refused(60)));
});

test('it tells how many answers it is worth', () => {
  assert.equal(shareOf([true]).answers, 1);
  const few = shareOf(Array.from({ length: 10 }, () => false)).answers;
  assert.ok(few > 9 && few < 10, String(few));
  const many = shareOf(Array.from({ length: 5000 }, () => false)).answers;
  assert.ok(Math.abs(many - 39) < 0.01, String(many));
});
