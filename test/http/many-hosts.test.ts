import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { testDownloads, workFor } from '../support/downloads.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/scratch.ts';
import { tinyJpeg } from '../support/tiny-pictures.ts';

const hosts = 400;
const kept = 256;

test('of many hosts the connections to the first are kept, and to the rest only for a moment', {
  // Without a bound, all of them are open for seconds.
  timeout: 10_000,
  skip: needs(process.platform === 'linux', 'only Linux has the whole of 127.0.0.0/8'),
}, async (t) => {
  const open = new Set<Socket>();
  let connections = 0;
  const head = `HTTP/1.1 200 OK\r\nkeep-alive: timeout=600\r\ncontent-length: ${tinyJpeg.length}\r\n\r\n`;
  await using server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('data', () => socket.write(Buffer.concat([Buffer.from(head), tinyJpeg])));
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as { port: number };
  const work = (host: number, round: number) =>
    workFor(
      `http://127.1.${host >> 8}.${host & 255}:${port}/${round}.jpg`,
      {},
      { target: `${host}-${round}.{ext}` },
    );
  await using downloads = await testDownloads();
  for (let host = 0; host < hosts; host += 1) {
    assert.equal((await downloads.downloader.download(work(host, 1))).status, 'saved');
  }
  await until(() => open.size <= kept || t.signal.aborted);
  assert.equal(open.size, kept);
  const before = connections;
  assert.equal((await downloads.downloader.download(work(0, 2))).status, 'saved');
  assert.equal(connections, before, 'the first is still lent');
  assert.equal((await downloads.downloader.download(work(hosts - 1, 2))).status, 'saved');
  assert.equal(connections, before + 1, 'the last was not kept');
});
