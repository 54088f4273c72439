import assert from 'node:assert/strict';
import { it } from 'node:test';
import { textLines } from '../../src/sources/text-lines.ts';
import { all, bytesOf } from './support.ts';

it('the beginning of a line that is too long is the same in whatever pieces the text arrives', async () => {
  const text = `${'a\r'.repeat(40)}b\r\n`;
  const { signal } = new AbortController();
  for (const size of [1, 7, text.length]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
    const lines = (await all(textLines(bytesOf(...pieces), { signal, maxLength: 50 }))).flat();
    assert.deepEqual(lines, [{ number: 1, text: 'a\r'.repeat(25), cut: true }]);
  }
});
