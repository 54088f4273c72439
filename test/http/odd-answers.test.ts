import assert from 'node:assert/strict';
import { it } from 'node:test';
import { testDownloads, workFor } from '../support/downloads.ts';
import { rawServer } from '../support/raw-server.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

it('a status below 100 is no HTTP: the item fails as that, at once, and the next one goes well', async () => {
  let answers = 0;
  await using server = await rawServer((socket) => {
    answers += 1;
    const status = answers === 1 ? '000' : '200';
    socket.write(`HTTP/1.1 ${status} OK\r\nContent-Length: ${tinyJpeg.length}\r\nConnection: close\r\n\r\n`);
    socket.end(tinyJpeg);
  });
  await using downloads = await testDownloads();
  const outcome = await downloads.downloader.download(workFor(server.url));
  assert.deepEqual([outcome.status, outcome.error?.code, outcome.attempts], ['failed', 'protocol', 1]);
  assert.equal((await downloads.downloader.download(workFor(server.url))).status, 'saved');
});
