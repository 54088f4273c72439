import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import sharp from 'sharp';
import { download, report } from '../../src/index.ts';
import { checkMarkup } from '../support/markup.ts';
import { pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';

const rows = 23;
const shardSize = 10;
const red = (n: number) => n * 10;

const bodies = await Promise.all(
  Array.from({ length: rows }, (_, n) =>
    sharp({ create: { width: 40 + n, height: 30, channels: 3, background: { r: red(n), g: 80, b: 40 } } })
      .png()
      .toBuffer(),
  ),
);

const served = () =>
  pictureServer((path, response) => {
    const body = bodies[Number.parseInt(path.slice(1), 10)];
    if (body === undefined) return false;
    response.writeHead(200, { 'content-length': body.length }).end(body);
    return true;
  });

/** What a page shows: the words to each picture, the red of its middle, and whether it leads to a file. */
async function shownIn(page: string) {
  const frames = page.matchAll(/<(a|span) class="f\d+"[^>]*><img src="data:[^,]*,([^"]*)" alt="([^"]*)"/g);
  return await Promise.all(
    [...frames].map(async ([, element, data, said]) => {
      const { data: pixels } = await sharp(Buffer.from(data!, 'base64'))
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { said: said!, red: pixels[0]!, isLinked: element === 'a' };
    }),
  );
}

for (const [output, place] of [
  ['files', (shard: string, key: string) => `${shard}/${key}.png`],
  ['webdataset', (shard: string, key: string) => `${shard}.tar/${key}`],
  ['parquet', (shard: string, key: string) => `${shard}.parquet/${key}`],
] as const) {
  it(`a data set is shown, and counted as its run counted it: ${output}`, async () => {
    using work = scratch();
    await using server = await served();
    const table = join(work.path, 'table.csv');
    const dir = join(work.path, 'set');
    const urls = Array.from({ length: rows }, (_, n) => `${server.url}/${n}.png`);
    // One row has no address, one is not there, and one is another's picture.
    writeFileSync(
      table,
      `url\n${[...urls, '""', `${server.url}/none.png`, `${server.url}/3.png?`].join('\n')}\n`,
    );
    const options = { dir, output, shardSize, input: table, duplicates: 'digest', retries: 0 } as const;
    const { dataSet, failed } = await download([], { ...options, strategy: 'async' }).summary;

    const found = await report(dir, {});
    assert.deepEqual(
      [found.items, found.saved, found.failed, found.skipped, found.open],
      [dataSet!.rows, dataSet!.pictures, failed, dataSet!.duplicates, 0],
    );
    assert.deepEqual([found.items, found.saved, found.failed, found.skipped], [rows + 3, rows, 2, 1]);
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    assert.deepEqual([found.bytes, found.receivedBytes], [bytes, bytes]);
    assert.deepEqual(found.formats, [{ mime: 'image/png', files: rows, bytes }]);
    const pictures = (counts: { files: number }[]) => counts.reduce((sum, { files }) => sum + files, 0);
    assert.deepEqual([pictures(found.sizes), pictures(found.pixels)], [rows, rows]);

    const page = readFileSync(found.file!, 'utf8');
    checkMarkup(page);
    const shown = await shownIn(page);
    assert.equal(shown.length, rows);
    for (let n = 0; n < rows; n += 1) {
      const shard = `0000${Math.floor(n / shardSize)}`;
      const said = `${place(shard, `${shard}${n % shardSize}`)}, ${40 + n} × 30`;
      // In the order of the rows: the tenth after the ninth.
      const picture = shown[n]!;
      assert.equal(picture.said, said);
      assert.ok(Math.abs(picture.red - red(n)) < 8, `${n}: ${picture.red}`);
      assert.equal(picture.isLinked, output === 'files');
    }
  });
}

it('of a shard that is gone, damaged, or elsewhere there are empty frames', async () => {
  using work = scratch();
  await using server = await served();
  const dir = join(work.path, 'set');
  const urls = Array.from({ length: 4 }, (_, n) => `${server.url}/${n}.png`);
  await download(urls, { dir, output: 'webdataset', shardSize: 1, strategy: 'async' }).summary;
  rmSync(join(dir, '00000.tar'));
  rmSync(join(dir, '00000.parquet'));
  writeFileSync(join(dir, '00001.tar'), Buffer.alloc(5000, 'x'));
  renameSync(join(dir, '00002.tar'), join(work.path, 'away.tar'));
  symlinkSync('../away.tar', join(dir, '00002.tar'));
  const { file } = await report(dir, {});
  const page = readFileSync(file!, 'utf8');
  assert.deepEqual(
    (await shownIn(page)).map(({ said }) => said),
    ['00003.tar/00003, 43 × 30'],
  );
  assert.match(page, /4 pictures; 3 could not be shown/);
});
