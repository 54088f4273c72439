import assert from 'node:assert/strict';
import { failures } from '../../src/core/failures.ts';
import type { Item } from '../../src/core/item.ts';
import type { Failure, Outcome } from '../../src/core/outcome.ts';

/** Longest that a message about one item may be. */
const longestMessage = 5000;

/** That a source gave what its contract says, whatever it read. */
export function expectItem(item: Item, { index }: { index: number }): void {
  assert.ok(item.key !== '' && item.key.isWellFormed(), `key ${JSON.stringify(item.key)}`);
  assert.equal(item.index, index);
  assert.equal(typeof item.url, 'string');
  for (const text of [item.name, item.title, item.album?.id, item.album?.title]) {
    assert.ok(text === undefined || typeof text === 'string');
  }
  assert.ok(item.album === undefined || typeof item.album.id === 'string');
  for (const number of [item.expect?.bytes, item.expect?.width, item.expect?.height]) {
    assert.ok(number === undefined || (Number.isSafeInteger(number) && number >= 0), String(number));
  }
  for (const text of [item.expect?.sha256, item.expect?.sha1, item.expect?.md5, item.expect?.mime]) {
    assert.ok(text === undefined || typeof text === 'string');
  }
  if (item.failure !== undefined) expectFailure(item.failure);
}

export function expectFailure({ code, message, retryable }: Failure): void {
  assert.ok(Object.hasOwn(failures, code), code);
  assert.equal(typeof retryable, 'boolean');
  assert.ok(message !== '' && message.length <= longestMessage, `${message.length} characters of message`);
}

/** A place inside a destination: no segment of it leads anywhere else on any system. */
export function expectSafePath(path: string): void {
  assert.ok(path.isWellFormed());
  for (const segment of path.split('/')) {
    assert.doesNotMatch(segment, /^[. ]|[. ]$|^$|[\\:*?"<>|\p{Control}\p{Format}]/u, path);
    assert.doesNotMatch(segment, /^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/i, path);
    assert.ok(Buffer.byteLength(segment) <= 255, `${Buffer.byteLength(segment)} bytes`);
  }
}

/** Positive whole numbers of pixels, or that they are not known. */
export function expectPixels({ width, height }: Pick<Outcome, 'width' | 'height'>): void {
  assert.equal(width === null, height === null);
  for (const side of [width, height]) {
    assert.ok(side === null || (Number.isSafeInteger(side) && side > 0), `${side} pixels`);
  }
}
