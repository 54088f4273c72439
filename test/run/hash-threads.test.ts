import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { download, InternalError, verify } from '../../src/index.ts';
import { HashThread } from '../../src/run/hash-thread.ts';
import { pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

/** A directory with so many small pictures; 64 are hashed at a time. */
async function stored(files: number) {
  const work = scratch();
  await using server = await pictureServer();
  const urls = server.items(files, 500).map(({ url }) => url);
  await download(urls, { dir: work.path, strategy: 'async', name: '{name}.{ext}' }).summary;
  return work;
}

/** Hears of every thread that this process starts. */
function onThread(listener: (thread: Worker, nth: number) => void): Disposable {
  let started = 0;
  const hear = (thread: Worker) => listener(thread, started++);
  process.on('worker', hear);
  return { [Symbol.dispose]: () => void process.off('worker', hear) };
}

/** Not `once`: that would hear its errors, too. */
const ended = (thread: Worker) => new Promise((resolve) => thread.on('exit', resolve));

describe('threads that hash', () => {
  for (const files of [20, 200]) {
    it(`one that ends while it starts leaves its files to another (${files} files)`, async () => {
      using work = await stored(files);
      let deaths = 0;
      using _ = onThread((thread, nth) => {
        if (nth > 0) return;
        deaths += 1;
        void thread.terminate();
      });
      const seen = new Set<string>();
      const run = verify(work.path);
      for await (const event of run) if (event.event === 'verified') seen.add(event.path);
      assert.equal((await run.summary).good, files);
      assert.deepEqual([seen.size, deaths], [files, 1]);
    });
  }

  it('where none can be used the verification ends with an error of ours, and lets the journal go', async () => {
    using work = await stored(200);
    {
      using _ = onThread((thread) => void thread.terminate());
      await assert.rejects(verify(work.path).summary, (error) => {
        assert.ok(error instanceof InternalError);
        assert.match(error.message, /^no thread that hashes could be used: /);
        return true;
      });
    }
    assert.equal((await verify(work.path).summary).good, 200);
  });

  it('one that fails between two batches ends nothing but itself', async () => {
    using work = await stored(1);
    const files = [join(work.path, 'p0.jpg'), join(work.path, 'none')];
    let worker: Worker | undefined;
    using _ = onThread((thread) => {
      worker = thread;
    });
    const thread = new HashThread();
    const [first, none] = await thread.find(files);
    assert.deepEqual([(first as { bytes: number }).bytes, none], [500, null]);
    // No list of files: an exception that nobody in the thread catches.
    worker!.postMessage(null);
    await ended(worker!);
    await assert.rejects(thread.find(files), TypeError);
    assert.ok(thread.isLost);
    await thread.close();
  });
});
