import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureList } from '../../src/cli/failure-list.ts';
import { RequestError } from '../../src/http/request-error.ts';
import type { FailureCode } from '../../src/index.ts';

const terminal = { style: (_: string, text: string) => text };
const failure = (code: FailureCode, n: number) => ({
  url: `http://me:pw@host/${n}.jpg`,
  path: null,
  error: { code, message: `status 404 of\x1b[31m ${n}`, retryable: false },
});

test('failures stand by their reason, the most frequent first, each with what to do', () => {
  const list = new FailureList();
  list.add(failure('stalled', 1));
  list.add(failure('not-found', 2));
  list.add(failure('not-found', 3));
  assert.deepEqual(list.lines(terminal, null), [
    '2 failed: not-found - it is gone: nothing to be done',
    '  http://host/2.jpg: status 404 of 2',
    '  http://host/3.jpg: status 404 of 3',
    '1 failed: stalled - the server stopped sending: run again, or raise --stall-timeout',
    '  http://host/1.jpg: status 404 of 1',
  ]);
});

test('of many failures twenty are shown, no reason is crowded out, and --failed is named', () => {
  const list = new FailureList();
  for (let n = 0; n < 100_000; n += 1) list.add(failure('not-found', n));
  for (let n = 0; n < 3; n += 1) list.add(failure('dns', n));
  const lines = list.lines(terminal, null);
  assert.equal(lines.filter((line) => line.startsWith('  http')).length, 20);
  assert.ok(lines.includes('  ... and 99983 more'));
  assert.equal(lines.filter((line) => /\/[012]\.jpg/.test(line)).length, 6);
  assert.match(lines.at(-1)!, /--failed FILE/);
  assert.match(list.lines(terminal, 'again.txt').at(-1)!, /again\.txt.*-i/);
  assert.match(list.lines(terminal, 'again.txt', true).at(-1)!, /again\.txt: the same command/);
});

test('a line about a failure is short, however long the address', () => {
  const url = `http://host/${'x'.repeat(100_000)}.jpg`;
  const error = new RequestError('not-found', `host answered 404 for ${url.slice(11)}`).failure;
  const list = new FailureList();
  list.add({ url, path: null, error });
  for (const line of list.lines(terminal, null)) assert.ok(line.length < 900, `${line.length} characters`);
});

test('nothing failed, nothing said', () => {
  assert.deepEqual(new FailureList().lines(terminal, 'again.txt'), []);
});
