import assert from 'node:assert/strict';

/** Throws unless every element is closed in order: enough to know that nothing broke out of its place. */
export function checkMarkup(markup: string): void {
  const open: string[] = [];
  for (const [, closing, name, empty] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/gi)) {
    if (empty === '/' || name === 'meta' || name === 'img') continue;
    if (closing === '/') assert.equal(open.pop(), name);
    else open.push(name!);
  }
  assert.deepEqual(open, []);
}
