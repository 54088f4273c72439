import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { type DownloadOptions, download, type RepairEvent, repair, report, verify } from '../../src/index.ts';
import { pictureServer } from '../support/picture-server.ts';
import { filesIn, scratch } from '../support/scratch.ts';

const pictures = await Promise.all(
  ['#a04020', '#20a040', '#4020a0', '#a0a020'].map((background) =>
    sharp({ create: { width: 300, height: 200, channels: 3, background } })
      .jpeg()
      .toBuffer(),
  ),
);

/** `/N.jpg`, whatever follows. */
const served = () =>
  pictureServer((path, response) => {
    const body = pictures[Number(/^\/(\d)\.jpg/.exec(path)?.[1])];
    if (body === undefined) return false;
    response.writeHead(200, { 'content-length': body.length }).end(body);
    return true;
  });

const common: DownloadOptions = { strategy: 'async', retries: 0 };

const contentsOf = (dir: string) =>
  new Map(filesIn(dir).map((name) => [name, readFileSync(join(dir, name)).toString('base64')]));

async function repaired(dir: string) {
  const notes: string[] = [];
  const running = repair(dir, common);
  for await (const event of running as AsyncIterable<RepairEvent>) {
    if (event.event === 'note' && event.level === 'warning') notes.push(event.message);
  }
  const { repaired: fetched, renewed, failed, exitCode } = await running.summary;
  return { fetched, renewed, failed, exitCode, notes };
}

describe('a repair', () => {
  it('makes pictures again as each was made, and the next run keeps them', async () => {
    using work = scratch();
    await using server = await served();
    const url = (n: number) => `${server.url}/${n}.jpg`;
    const options = { ...common, name: '{name}.{ext}', dir: work.path };
    const small = { ...options, resize: 50, blurhash: true };
    await download([url(0), url(1)], small).summary;
    await download([url(2)], { ...options, format: 'png' }).summary;
    await download([url(3)], options).summary;
    const before = contentsOf(work.path);
    rmSync(join(work.path, '0.jpg'));
    rmSync(join(work.path, '2.png'));
    appendFileSync(join(work.path, '3.jpg'), 'x');
    assert.deepEqual(await repaired(work.path), {
      ...{ fetched: 3, renewed: 0, failed: 0, exitCode: 0, notes: [] },
    });
    assert.deepEqual(contentsOf(work.path), before);
    assert.equal((await download([url(0), url(1)], small).summary).kept, 2);
  });

  it('takes nothing but a stage from what says how a picture was made', async () => {
    using work = scratch();
    await using server = await served();
    const options = { ...common, name: '{name}.{ext}', dir: work.path, resize: 50 };
    await download([`${server.url}/0.jpg`], options).summary;
    const { DatabaseSync } = await import('node:sqlite');
    for (const made of ['{"resize":"many"}', 'nonsense']) {
      const database = new DatabaseSync(join(work.path, '.gallop', 'journal.db'));
      database.prepare('UPDATE items SET made = ?').run(made);
      database.close();
      rmSync(join(work.path, '0.jpg'), { force: true });
      const { notes, ...counts } = await repaired(work.path);
      assert.deepEqual(counts, { fetched: 0, renewed: 0, failed: 0, exitCode: 3 });
      assert.match(notes[0] ?? '', /cannot read/);
    }
  });

  for (const output of ['webdataset', 'parquet', 'files'] as const) {
    it(`leaves ${output} to the next run, which makes the changed shard as it was`, async () => {
      using work = scratch();
      using lists = scratch();
      await using server = await served();
      const list = join(lists.path, 'list.csv');
      const rows = pictures.map((_, n) => `${server.url}/${n}.jpg,caption ${n}`);
      writeFileSync(list, ['url,text', ...rows, ''].join('\n'));
      const options = {
        ...{ ...common, dir: work.path, input: list, captionColumn: 'text' },
        ...{ output, shardSize: 2, resize: 50 },
      };
      await download([], options).summary;
      const before = contentsOf(work.path);
      const { foreign, good } = await verify(work.path).summary;
      assert.deepEqual([foreign, good], [0, output === 'files' ? 8 : output === 'parquet' ? 4 : 6]);

      const spoilt = join(work.path, output === 'webdataset' ? '00001.tar' : '00001.parquet');
      const bytes = readFileSync(spoilt);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(spoilt, bytes);
      server.requests.length = 0;
      const { notes, ...counts } = await repaired(work.path);
      assert.deepEqual(counts, { fetched: 0, renewed: 0, failed: 0, exitCode: 3 });
      assert.match(notes[0] ?? '', /the same gallop command as before/);
      assert.deepEqual(server.requests, []);

      assert.equal((await download([], options).summary).exitCode, 0);
      assert.deepEqual(server.requests.sort(), output === 'files' ? [] : ['/2.jpg', '/3.jpg']);
      const withoutTimes = (found: Map<string, string>) =>
        [...found].filter(([name]) => !name.endsWith('_stats.json'));
      assert.deepEqual(withoutTimes(contentsOf(work.path)), withoutTimes(before));
      assert.equal((await verify(work.path).summary).exitCode, 0);
      server.requests.length = 0;
      await download([], options).summary;
      assert.deepEqual(server.requests, []);
      assert.ok(readdirSync(work.path).includes('00001_stats.json'));
    });
  }
});

it('files of any type do not take the names of the texts beside them', async () => {
  await using server = await pictureServer((path, response) => {
    const body = path === '/a.json' ? '{"a":1}\n' : 'hello\n';
    response.writeHead(200, { 'content-length': body.length }).end(body);
    return true;
  });
  using lists = scratch();
  const input = join(lists.path, 'list.csv');
  writeFileSync(input, `url,text\n${server.url}/a.json,one\n${server.url}/b.txt,two\n`);
  for (const output of ['files', 'webdataset'] as const) {
    using work = scratch();
    const options = { ...common, dir: work.path, input, output, anyType: true, captionColumn: 'text' };
    assert.equal((await download([], options).summary).saved, 2);
    const { good, changed, foreign } = await verify(work.path).summary;
    assert.deepEqual([good, changed, foreign], [output === 'files' ? 4 : 3, 0, 0]);
    if (output === 'files') {
      assert.equal(readFileSync(join(work.path, '00000/000000000.file.json'), 'utf8'), '{"a":1}\n');
      assert.equal(readFileSync(join(work.path, '00000/000000001.file.txt'), 'utf8'), 'hello\n');
      assert.equal(readFileSync(join(work.path, '00000/000000001.txt'), 'utf8'), 'two');
    } else {
      const names = readFileSync(join(work.path, '00000.tar'), 'latin1').match(/0000000\d\d\.[a-z.]+(?=\0)/g);
      assert.equal(new Set(names).size, names!.length);
      assert.equal(names!.length, 6);
    }
    assert.equal((await download([], options).summary).kept, 2);
  }
});

it('a report counts the bytes of pictures that are packed', async () => {
  using work = scratch();
  await using server = await served();
  const urls = pictures.map((_, n) => `${server.url}/${n}.jpg`);
  await download(urls, { ...common, dir: work.path, output: 'webdataset' }).summary;
  const found = await report(work.path, { file: null });
  const bytes = pictures.reduce((sum, picture) => sum + picture.length, 0);
  assert.deepEqual([found.saved, found.bytes], [4, bytes]);
  assert.deepEqual(found.formats, [{ mime: 'image/jpeg', files: 4, bytes }]);
});

it('--info says what was found of a picture', async () => {
  using work = scratch();
  await using server = await served();
  const options = { ...common, dir: work.path, name: '{name}.{ext}', info: true };
  await download([`${server.url}/0.jpg`], { ...options, resize: 50, blurhash: true }).summary;
  const info = JSON.parse(readFileSync(join(work.path, '0.jpg.json'), 'utf8'));
  const { width, picture } = info;
  assert.deepEqual([width, picture.original.width, picture.original.bytes], [50, 300, pictures[0]!.length]);
  assert.match(picture.blurhash, /^.{6,}$/);
});
