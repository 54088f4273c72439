import assert from 'node:assert/strict';
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { download, repair, verify } from '../../src/index.ts';
import { pictureBytes, pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const picture = pictureBytes('one', 500);
const names = ['a', 'b', 'c'];

/** The same picture under three names, of which some may be gone; and a directory with the first of them. */
async function stored() {
  const gone = new Set<string>();
  const work = scratch();
  const server = await pictureServer((path, response) => {
    if (gone.has(path)) return false;
    response.writeHead(200, { 'content-length': picture.length }).end(picture);
    return true;
  });
  const urls = names.map((name) => `${server.url}/${name}.jpg`);
  const run = async () => {
    const before = server.requests.length;
    const options = { dir: work.path, name: '{name}.{ext}', strategy: 'sync', retries: 0 } as const;
    const { saved, kept, skipped, failed } = await download(urls, { ...options, duplicates: 'digest' })
      .summary;
    return { saved, kept, skipped, failed, asked: server.requests.length - before };
  };
  assert.deepEqual(await run(), { saved: 1, kept: 0, skipped: 2, failed: 0, asked: 3 });
  return {
    dir: work.path,
    gone,
    run,
    files: () => filesIn(work.path),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      work[Symbol.dispose]();
    },
  };
}

it('a picture that is lost, and gone for good, comes from where it was left out as the same', async () => {
  await using work = await stored();
  rmSync(join(work.dir, 'a.jpg'));
  work.gone.add('/a.jpg');
  assert.deepEqual(await work.run(), { saved: 1, kept: 0, skipped: 1, failed: 1, asked: 3 });
  assert.deepEqual(work.files(), ['b.jpg']);
  // From then on it is the one that is kept.
  assert.deepEqual(await work.run(), { saved: 0, kept: 1, skipped: 1, failed: 1, asked: 1 });
  assert.equal((await verify(work.dir).summary).good, 1);
});

it('a picture that is lost, or cut off, and comes back, is there once', async () => {
  await using work = await stored();
  rmSync(join(work.dir, 'a.jpg'));
  assert.deepEqual(await work.run(), { saved: 1, kept: 0, skipped: 2, failed: 0, asked: 3 });
  truncateSync(join(work.dir, 'a.jpg'), 99);
  assert.deepEqual(await work.run(), { saved: 1, kept: 0, skipped: 2, failed: 0, asked: 3 });
  assert.deepEqual(work.files(), ['a.jpg']);
  assert.deepEqual(await work.run(), { saved: 0, kept: 1, skipped: 2, failed: 0, asked: 0 });
});

it('a repair that cannot bring it back says who can', async () => {
  await using work = await stored();
  const notes = async () => {
    const found: string[] = [];
    const repairing = repair(work.dir, { strategy: 'sync', retries: 0 });
    for await (const event of repairing) if (event.event === 'note') found.push(event.message);
    return { notes: found, exitCode: (await repairing.summary).exitCode };
  };
  rmSync(join(work.dir, 'a.jpg'));
  assert.deepEqual(await notes(), { notes: [], exitCode: 0 });
  rmSync(join(work.dir, 'a.jpg'));
  work.gone.add('/a.jpg');
  const tried = 'the same gallop command as before tries them';
  assert.deepEqual(await notes(), {
    notes: [`2 pictures were left out as the same as what could not be fetched: ${tried}`],
    exitCode: 3,
  });
  assert.deepEqual(await work.run(), { saved: 1, kept: 0, skipped: 1, failed: 1, asked: 3 });
  assert.deepEqual(work.files(), ['b.jpg']);
  assert.deepEqual((await notes()).notes, []);
});
