import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import sharp from 'sharp';
import { type DownloadOptions, download, repair, report } from '../../src/index.ts';
import { pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

const picture = await sharp({ create: { width: 9, height: 8, channels: 3, background: '#123' } })
  .png()
  .toBuffer();

const served = () =>
  pictureServer((_, response) => {
    response.writeHead(200, { 'content-length': picture.length }).end(picture);
    return true;
  });

/** What a run came to, and what the report says then of the whole directory. */
async function run(dir: string, input: string, options: DownloadOptions = {}) {
  const { saved, kept, failed } = await download([], { dir, input, strategy: 'async', ...options }).summary;
  const { items, saved: stored, failed: lost, open, failures } = await report(dir, { file: null });
  return {
    run: { items: saved + kept + failed, stored: saved + kept, failed },
    report: { items, stored, failed: lost },
    open,
    examples: failures.flatMap(({ examples }) => examples),
  };
}

for (const output of [null, 'files', 'webdataset'] as const) {
  it(`what has no address is among the counts of a report: ${output ?? 'files under their names'}`, async () => {
    using work = scratch();
    await using server = await served();
    const table = join(work.path, 'table.csv');
    const dir = join(work.path, 'out');
    writeFileSync(table, `url,title\n${server.url}/a.png,A\n,B\nnowhere,C\n${server.url}/d.png,D\n`);
    const first = await run(dir, table, { output });
    assert.deepEqual(first.run, { items: 4, stored: 2, failed: 2 });
    assert.deepEqual(first.report, first.run);
    assert.equal(first.open, 0);
    assert.deepEqual(
      first.examples.map(({ url, message }) => [url, message?.slice(0, 6)]),
      [
        ['', 'line 3'],
        ['nowhere', 'line 4'],
      ],
    );

    const again = await run(dir, table, { output });
    assert.deepEqual([again.run, again.report], [first.run, first.run]);
  });
}

it('what was mended in an input is not told of any more; what is wrong in another is', async () => {
  using work = scratch();
  await using server = await served();
  const [one, other] = ['one.csv', 'other.csv'].map((name) => join(work.path, name)) as [string, string];
  const dir = join(work.path, 'out');
  writeFileSync(one, `url\n${server.url}/a.png\nnowhere\nnobody\n`);
  writeFileSync(other, `url\n${server.url}/b.png\nnothing\nnobody\n`);
  await run(dir, one);
  assert.deepEqual((await run(dir, other)).report, { items: 5, stored: 2, failed: 3 });
  // A row moves, and one is gone.
  writeFileSync(one, `url\n${server.url}/c.png\n${server.url}/a.png\nnowhere\n`);
  assert.deepEqual((await run(dir, one)).report, { items: 6, stored: 3, failed: 3 });
  await repair(dir).summary;
  assert.deepEqual((await report(dir, { file: null })).failed, 3);
  writeFileSync(other, `url\n${server.url}/b.png\n`);
  writeFileSync(one, `url\n${server.url}/a.png\n`);
  await run(dir, other);
  assert.deepEqual((await run(dir, one)).report, { items: 3, stored: 3, failed: 0 });
});
