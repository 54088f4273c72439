import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { download } from '../../src/index.ts';
import { heapInUse } from '../support/heap.ts';
import { pictureBytes } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

/** Timers, sockets and files that this process has open. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((it) => it !== 'Immediate')
    .sort();

/** Open descriptors, where the system tells. */
const descriptors = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

test('20,000 small files take no more memory than the first thousands, and leave nothing open', async () => {
  using work = scratch();
  const picture = pictureBytes('one', 400);
  const before = resources();
  const openBefore = descriptors();
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': picture.length }).end(picture);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const count = 20_000;
  const input = join(work.path, 'list');
  const list = openSync(input, 'w');
  for (let n = 0; n < count; n += 1) writeSync(list, `http://127.0.0.1:${port}/album/picture-${n}.jpg\n`);
  closeSync(list);

  const dir = join(work.path, 'out');
  const run = download([], { strategy: 'async', dir, input, name: '{name}.{ext}' });
  const heap: number[] = [];
  let seen = 0;
  for await (const { event } of run) {
    if (event !== 'outcome') continue;
    seen += 1;
    if (seen % 5000 === 0) heap.push(await heapInUse());
  }
  const { saved, exitCode, peakInFlight } = await run.summary;
  assert.deepEqual([seen, saved, exitCode, peakInFlight], [count, count, 0, 100]);
  assert.equal(filesIn(dir).length, count);
  // 15,000 more keys are remembered, in some 40 bytes each; everything else comes and goes.
  const grown = heap.at(-1)! - heap[0]!;
  assert.ok(grown < 6e6, `${heap.map((bytes) => (bytes / 1e6).toFixed(1)).join(', ')} MB`);

  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  await turn();
  assert.deepEqual(resources(), before);
  assert.equal(descriptors(), openBefore);
});
