import assert from 'node:assert/strict';
import { it } from 'node:test';
import { joinedHeaders } from '../../src/http/joined-headers.ts';
import { testDownloads, workFor } from '../support/downloads.ts';
import { testServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

it('of what a server sent twice the first counts, or all of it joined', () => {
  const twice = { etag: ['"a"', '"b"'], 'content-range': ['x', 'y'], 'set-cookie': ['c', 'd'], server: 's' };
  assert.deepEqual(joinedHeaders(twice), {
    ...{ etag: '"a"', 'content-range': 'x, y', 'set-cookie': ['c', 'd'], server: 's' },
  });
});

it('a busy server that sends Retry-After twice is asked again', async () => {
  await using server = await testServer((_, response, turn) => {
    if (turn > 1) response.end(tinyJpeg);
    else response.writeHead(503, ['Retry-After', '0', 'Retry-After', '3600']).end();
  });
  await using downloads = await testDownloads();
  const outcome = await downloads.downloader.download(workFor(server.url));
  assert.deepEqual([outcome.status, outcome.attempts], ['saved', 2]);
});
