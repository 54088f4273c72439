import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, download, type EndEvent, type OutcomeEvent } from '../../src/index.ts';
import { needs } from '../support/needs.ts';
import { pathBytes, pictureServer } from '../support/picture-server.ts';
import { bytesOf, filesIn, partsIn, scratch } from '../support/scratch.ts';
import { tinyDisk } from '../support/tiny-disk.ts';

const probe = tinyDisk(100_000);
probe?.[Symbol.dispose]();

for (const strategy of ['async', 'threads', 'processes'] as const) {
  test(`${strategy}: a disk that is full ends the run with 5, nothing torn, nothing left over`, {
    skip: needs(probe !== null, 'this user cannot mount a small file system'),
  }, async () => {
    using disk = tinyDisk(3_000_000)!;
    await using server = await pictureServer();
    const urls = Array.from(
      { length: 60 },
      (_, n) => `${server.url}/${n % 4 === 0 ? 400_000 : 40_000}/p${n}.jpg`,
    );
    const options = { strategy, workers: 2, concurrency: 4, name: '{name}.{ext}', dir: disk.path } as const;
    const run = download(urls, options);
    const saved: string[] = [];
    let end: EndEvent | undefined;
    await assert.rejects(
      async () => {
        for await (const event of run) {
          if (event.event === 'outcome' && event.status === 'saved') saved.push(event.path!);
          if (event.event === 'end') end = event;
          assert.notEqual((event as OutcomeEvent).status, 'failed');
        }
      },
      (error) => error instanceof DiskError && error.code === 'no-space' && error.message.includes(disk.path),
    );
    assert.deepEqual([end!.exitCode, end!.saved], [5, saved.length]);
    assert.deepEqual(partsIn(disk.path), []);
    for (const file of filesIn(disk.path)) {
      const path = new URL(urls.find((url) => url.endsWith(`/${file}`))!).pathname;
      assert.ok(bytesOf(disk.path, file).equals(pathBytes(path)!), file);
    }
    // With room elsewhere the same goes on to its end.
    using other = scratch();
    assert.equal((await download(urls, { ...options, dir: other.path }).summary).saved, 60);
  });
}
