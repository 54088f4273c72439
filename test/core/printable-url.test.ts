import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableUrl } from '../../src/core/printable-url.ts';

for (const [address, shown] of [
  ['https://h.example/a.jpg?x=1#y', 'https://h.example/a.jpg?x=1#y'],
  ['https://user:s3cret@h.example/a@b.jpg', 'https://h.example/a@b.jpg'],
  ['https://s3cret@h.example/', 'https://h.example/'],
  ['https:user:s3cret@h.example/a.jpg', 'https://h.example/a.jpg'],
  ['http://user:s3cret@[bad/a.jpg', 'http://[bad/a.jpg'],
  ['//user:s3cret@h.example/a.jpg', '//h.example/a.jpg'],
  ['user:s3cret@h.example/a.jpg', 'h.example/a.jpg'],
  ['my.user:s3cret@h.example/a.jpg', 'h.example/a.jpg'],
  ['see https://user:s3cret@h.example/a.jpg', 'see https://h.example/a.jpg'],
  ['//https://user:s3cret@h.example/a.jpg', '//https://h.example/a.jpg'],
  ['/user:s3cret@h.example/a.jpg', '/h.example/a.jpg'],
  ['@http://\n/s3cret@h', 'http:///h'],
  ['imgur:abcdefg', 'imgur:abcdefg'],
  ['demo:?images=3', 'demo:?images=3'],
  ['./list@home.txt', './list@home.txt'],
] as const) {
  test(`shows ${address} as ${shown}`, () => assert.equal(printableUrl(address), shown));
}
