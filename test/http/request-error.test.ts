import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RequestError } from '../../src/http/request-error.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { testServer } from '../support/raw-server.ts';

it('what a server says at length is repeated shortly, on whatever way it comes', async () => {
  const words = 'x'.repeat(12_000);
  await using server = await testServer((request, response) => {
    if (request.url === '/encoding') response.writeHead(200, { 'content-encoding': words }).end('?');
    else if (request.url === '/scheme') response.writeHead(302, { location: `${words}:` }).end();
    else response.writeHead(404).end();
  });
  await using downloads = await testDownloads({ retries: 0 });
  for (const [path, code] of [
    ['/encoding', 'encoding'],
    ['/scheme', 'redirect'],
    [`/${words}`, 'not-found'],
  ] as const) {
    const { error } = await downloads.downloader.download(workFor(server.url + path));
    assert.equal(error?.code, code);
    assert.equal(error.message.length, 501);
    assert.ok(error.message.endsWith('x…'));
  }
  const link = `ftp://host/${words}`;
  const { error } = await downloads.downloader.download(workFor(link));
  assert.equal(error?.code, 'bad-url');
  assert.equal(error.message.length, 501);
});

it('half a character, of a server or of the cut, is in no message', () => {
  for (const message of ['\ud800', `${'x'.repeat(499)}👩 and more`]) {
    const error = new RequestError('protocol', message);
    assert.ok(error.message.isWellFormed());
    assert.ok(error.failure.message.length <= 501);
  }
});

it('is made without a stack, and leaves other errors theirs', () => {
  assert.doesNotMatch(new RequestError('not-found', 'nothing there').stack ?? '', /\n\s+at /);
  assert.match(new Error('a fault of ours').stack ?? '', /\n\s+at /);
});
