import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clip, displayWidth, pad, wrap } from '../../src/cli/display-width.ts';
import { safeText, shownUrl } from '../../src/cli/safe-text.ts';
import { describeTerminal } from '../../src/cli/terminal.ts';

test('width counts columns: wide characters and emoji two, marks none', () => {
  for (const [text, width] of [
    ['plain', 5],
    ['木の葉', 6],
    ['e\u0301te\u0301', 3],
    ['🏞️', 2],
    ['👩‍👩‍👧', 2],
    ['한글', 4],
    ['ｗｉｄｅ', 8],
    ['…━█', 3],
  ] as const) {
    assert.equal(displayWidth(text), width, text);
  }
});

test('clipping never cuts a character in half and keeps the wished end', () => {
  assert.equal(clip('album/木の葉.jpg', 9, 'start'), '…の葉.jpg');
  assert.equal(clip('album/木の葉.jpg', 9, 'end'), 'album/木…');
  assert.equal(clip('👩‍👩‍👧👩‍👩‍👧', 3, 'end'), '👩‍👩‍👧…');
  assert.equal(clip('short', 9, 'end'), 'short');
  assert.equal(clip('long', 3, 'end', '...'), '');
});

test('padding and wrapping go by columns', () => {
  assert.equal(pad('木', 4, 'right'), '  木');
  assert.deepEqual(wrap('one two  three\nfour', 7), ['one two', 'three', 'four']);
  assert.deepEqual(wrap('木の葉 木の葉', 10), ['木の葉', '木の葉']);
  assert.deepEqual(wrap('a verylongword b', 5), ['a', 'verylongword', 'b']);
});

test('text from outside keeps no control character, no direction mark and no half character', () => {
  assert.equal(safeText('a\x1b]8;;http://evil\x07b\u202ec\u200bd\ud800\ne'), 'abcd\ufffd e');
  assert.equal(safeText('👩‍👩‍👧'), '👩‍👩‍👧');
});

test('a shown URL has no password', () => {
  assert.equal(shownUrl('https://me:secret@host/a@b'), 'https://host/a@b');
  assert.equal(shownUrl('https://host/a@b'), 'https://host/a@b');
});

test('a shown URL of any length has its beginning and its end', () => {
  const query = '👩'.repeat(50_000);
  for (const shift of ['', '1']) {
    const shown = shownUrl(`https://me:secret@host/${shift}${query}/name.jpg`);
    assert.equal(shown.length, 300);
    assert.match(shown, /^https:\/\/host\/.*….*\/name\.jpg$/);
    assert.ok(shown.isWellFormed());
    assert.doesNotMatch(shown, /secret/);
  }
  const short = `https://host/${'a'.repeat(287)}`;
  assert.equal(shownUrl(short), short);
});

test('colour follows the terminal, NO_COLOR, FORCE_COLOR and TERM', () => {
  const stream = { isTTY: true, write: () => true };
  const colored = (environment: Record<string, string>, isTTY = true) =>
    describeTerminal({ ...stream, isTTY }, environment).style('red', 'x') !== 'x';
  assert.equal(colored({ TERM: 'xterm' }), true);
  assert.equal(colored({ TERM: 'xterm' }, false), false);
  assert.equal(colored({ TERM: 'dumb' }), false);
  assert.equal(colored({ NO_COLOR: '1' }), false);
  assert.equal(colored({ NO_COLOR: '' }), true);
  assert.equal(colored({ FORCE_COLOR: '1' }, false), true);
  assert.equal(colored({ FORCE_COLOR: '0' }), false);
});
