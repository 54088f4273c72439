import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDownloads, workFor } from '../support/downloads.ts';
import { pictureServer } from '../support/picture-server.ts';
import { until } from '../support/scratch.ts';

test('what waits to be let back in ends with its --timeout, however long those inside take', {
  timeout: 20_000,
}, async () => {
  // Refuses the first request for each picture, and leaves those without an answer that come back.
  await using server = await pictureServer((_path, response, turn) => {
    if (turn === 1) response.writeHead(429).end();
    return true;
  });
  await using downloads = await testDownloads({ timeoutMs: 60_000, retries: 1 });
  const [waiting, ...inside] = server.items(5, 3000).map(({ url }) => url);
  for (const url of inside) void downloads.downloader.download(workFor(url)).catch(() => {});
  await until(() => server.inFlight === 4 && server.requests.length === 8);
  // It has two seconds left.
  const before = { ms: 58_000, attempts: 0, address: 0, tries: 0 };
  const { error, attempts } = await downloads.downloader.download(workFor(waiting!, {}, { before }));
  // A host that refused everybody is not asked by anybody new, but through the door.
  assert.deepEqual([error?.code, attempts], ['timeout', 0]);
  assert.match(error!.message, /next try would begin after --timeout/);
  assert.equal(server.inFlight, 4);
});
