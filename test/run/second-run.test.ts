import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { type DownloadOptions, download, type Item, type Summary } from '../../src/index.ts';
import { type PictureServer, pathBytes, pictureServer } from '../support/picture-server.ts';
import { bytesOf, filesIn, partsIn, scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

const common = { strategy: 'async', name: '{name}.{ext}', retries: 0 } as const;

type Counts = Pick<Summary, 'saved' | 'kept' | 'skipped' | 'failed'>;

/** What a run came to, and the paths that it asked for. */
async function run(
  server: PictureServer,
  sources: string[],
  options: DownloadOptions,
): Promise<{ counts: Counts; asked: string[] }> {
  const before = server.requests.length;
  const { saved, kept, skipped, failed } = await download(sources, { ...common, ...options }).summary;
  return { counts: { saved, kept, skipped, failed }, asked: server.requests.slice(before).sort() };
}

const urlsOf = (items: Item[]) => items.map(({ url }) => url);

/** As a kill leaves it: what was finished is on the disk, and the journal has not heard of it. */
function forget(dir: string, key: string): void {
  const database = new DatabaseSync(join(dir, '.gallop', 'journal.db'));
  database
    .prepare("UPDATE items SET status = 'claimed', path = NULL, bytes = NULL, sha256 = NULL WHERE key = ?")
    .run(key);
  database.close();
}

describe('a second run', () => {
  it('keeps what is done without a request, and tries again what failed', async () => {
    using work = scratch();
    let isThere = false;
    await using server = await pictureServer((path, response) => {
      if (isThere || !path.includes('later')) return false;
      response.writeHead(404).end();
      return true;
    });
    const urls = [...urlsOf(server.items(5, 3000)), `${server.url}/3000/later.jpg`];
    const options = { dir: work.path };
    const first = await run(server, urls, options);
    assert.deepEqual(first.counts, { saved: 5, kept: 0, skipped: 0, failed: 1 });
    const second = await run(server, urls, options);
    assert.deepEqual(second, {
      counts: { saved: 0, kept: 5, skipped: 0, failed: 1 },
      asked: ['/3000/later.jpg'],
    });
    isThere = true;
    const third = await run(server, urls, options);
    assert.deepEqual(third, {
      counts: { saved: 1, kept: 5, skipped: 0, failed: 0 },
      asked: ['/3000/later.jpg'],
    });
    const fourth = await run(server, urls, options);
    assert.deepEqual(fourth, { counts: { saved: 0, kept: 6, skipped: 0, failed: 0 }, asked: [] });
  });

  it('fetches again what is missing or has another size, under its old name', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = urlsOf(server.items(4, 3000));
    await run(server, urls, { dir: work.path });
    rmSync(join(work.path, 'p1.jpg'));
    truncateSync(join(work.path, 'p2.jpg'), 100);
    const { counts, asked } = await run(server, urls, { dir: work.path });
    assert.deepEqual(counts, { saved: 2, kept: 2, skipped: 0, failed: 0 });
    assert.deepEqual(asked, ['/3000/p1.jpg', '/3000/p2.jpg']);
    assert.deepEqual(filesIn(work.path), ['p0.jpg', 'p1.jpg', 'p2.jpg', 'p3.jpg']);
    assert.deepEqual(bytesOf(work.path, 'p2.jpg'), pathBytes('/3000/p2.jpg'));
  });

  it('adopts what a run that was killed had finished and not yet noted', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = urlsOf(server.items(3, 3000));
    await run(server, urls, { dir: work.path });
    forget(work.path, urls[1]!);
    const second = await run(server, urls, { dir: work.path });
    assert.deepEqual(second, { counts: { saved: 0, kept: 3, skipped: 0, failed: 0 }, asked: [] });
    assert.deepEqual((await run(server, urls, { dir: work.path })).asked, []);
  });

  it('does not adopt what is not what the source promises now', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const item = { ...server.item('/3000/a.jpg', 1), expect: { bytes: 3000 } };
    const spec = resolveRunSpec({ ...common, dir: work.path });
    await startRun(spec, { items: [item] }).summary;
    forget(work.path, item.key);
    truncateSync(join(work.path, 'a.jpg'), 2000);
    assert.equal((await startRun(spec, { items: [item] }).summary).saved, 1);
    assert.ok(filesIn(work.path).some((file) => bytesOf(work.path, file).equals(pathBytes('/3000/a.jpg')!)));
  });

  it('skips what comes a second time in one run', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const [one, two] = urlsOf(server.items(2, 3000)) as [string, string];
    const input = join(work.path, 'list');
    writeFileSync(input, `${one}\n${two}\n${one}\n${one}#part\n`);
    const dir = join(work.path, 'out');
    const first = await run(server, [], { dir, input });
    assert.deepEqual(first, {
      counts: { saved: 2, kept: 0, skipped: 2, failed: 0 },
      asked: ['/3000/p0.jpg', '/3000/p1.jpg'],
    });
    const second = await run(server, [], { dir, input });
    assert.deepEqual(second, { counts: { saved: 0, kept: 2, skipped: 2, failed: 0 }, asked: [] });
  });

  it('leaves files of others alone, and finds its own beside them again', async () => {
    using work = scratch();
    await using server = await pictureServer();
    writeFileSync(join(work.path, 'p0.jpg'), 'precious');
    const urls = urlsOf(server.items(2, 3000));
    const first = await run(server, urls, { dir: work.path });
    assert.equal(first.counts.saved, 2);
    assert.equal(readFileSync(join(work.path, 'p0.jpg'), 'utf8'), 'precious');
    const files = filesIn(work.path);
    assert.equal(files.length, 3);
    assert.deepEqual((await run(server, urls, { dir: work.path })).counts.kept, 2);
    assert.deepEqual(filesIn(work.path), files);
  });

  it('leaves a file alone that appeared after its item had failed', async () => {
    using work = scratch();
    let isThere = false;
    await using server = await pictureServer((_, response) => {
      if (isThere) return false;
      response.writeHead(404).end();
      return true;
    });
    const urls = urlsOf(server.items(1, 3000));
    await run(server, urls, { dir: work.path });
    writeFileSync(join(work.path, 'p0.jpg'), 'precious');
    isThere = true;
    assert.equal((await run(server, urls, { dir: work.path })).counts.saved, 1);
    assert.equal(readFileSync(join(work.path, 'p0.jpg'), 'utf8'), 'precious');
    assert.equal(filesIn(work.path).length, 2);
  });

  it('leaves a file alone that was there before a run that was killed', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = urlsOf(server.items(1, 3000));
    writeFileSync(join(work.path, 'p0.jpg'), 'precious');
    await run(server, urls, { dir: work.path });
    forget(work.path, urls[0]!);
    await run(server, urls, { dir: work.path });
    assert.equal(readFileSync(join(work.path, 'p0.jpg'), 'utf8'), 'precious');
  });

  it('after its journal was set aside it says so, and keeps what is there and whole without a request', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = urlsOf(server.items(3, 3000));
    await run(server, urls, { dir: work.path });
    writeFileSync(join(work.path, '.gallop', 'journal.db'), 'rubbish'.repeat(1000));
    const again = download(urls, { ...common, dir: work.path });
    const notes: string[] = [];
    for await (const event of again) if (event.event === 'note') notes.push(event.message);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /is damaged; it was set aside/);
    const { saved, kept } = await again.summary;
    assert.deepEqual([saved, kept], [0, 3]);
    assert.equal(server.requests.length, 3);
    assert.deepEqual(filesIn(work.path), ['p0.jpg', 'p1.jpg', 'p2.jpg']);
  });

  it('a list of failed items finds the same items again: names, album, and what was promised', async () => {
    using work = scratch();
    let isDown = true;
    await using server = await pictureServer((path, response) => {
      if (!isDown || !path.includes('p1')) return false;
      response.writeHead(404).end();
      return true;
    });
    const album = { id: 'holiday', title: 'A "holiday"\n#' };
    const items = server.items(3, 3000).map((item) => ({ ...item, album, name: `n${item.index}` }));
    items[1]!.expect = { bytes: 2999 };
    const list = join(work.path, 'again.txt');
    const spec = { ...common, name: '{album}/{id}.{ext}', dir: work.path, failedFile: list };
    const first = await startRun(resolveRunSpec(spec), { items }).summary;
    assert.deepEqual([first.saved, first.failed], [2, 1]);
    isDown = false;
    const { input, ...rest } = { ...spec, failedFile: null, input: list };
    // What the source promised is still asked for: other bytes are not taken for these.
    const wrong = await download([], { ...rest, input }).summary;
    assert.deepEqual([wrong.saved, wrong.failed], [0, 1]);
    writeFileSync(list, readFileSync(list, 'utf8').replace('2999', '3000'));
    const right = await download([], { ...rest, input }).summary;
    assert.deepEqual([right.saved, right.failed], [1, 0]);
    assert.deepEqual(filesIn(work.path), ['again.txt', 'holiday/n1.jpg', 'holiday/n2.jpg', 'holiday/n3.jpg']);
  });

  it('clears away what is not finished, and nothing else', async () => {
    using work = scratch();
    await using server = await pictureServer();
    mkdirSync(join(work.path, '.gallop', 'parts'), { recursive: true });
    writeFileSync(join(work.path, '.gallop', 'parts', 'left.part'), 'x');
    writeFileSync(join(work.path, 'own.part'), 'x');
    await run(server, urlsOf(server.items(1, 3000)), { dir: work.path });
    assert.deepEqual(partsIn(work.path), ['own.part']);
  });
});

describe('the items of a run', () => {
  it('a range takes positions of the source', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const urls = urlsOf(server.items(6, 3000));
    const range = [
      { from: 2, to: 3 },
      { from: 5, to: null },
    ];
    const { asked } = await run(server, urls, { dir: work.path, range, name: '{index:02}.{ext}' });
    assert.deepEqual(asked, ['/3000/p1.jpg', '/3000/p2.jpg', '/3000/p4.jpg', '/3000/p5.jpg']);
    assert.deepEqual(filesIn(work.path), ['02.jpg', '03.jpg', '05.jpg', '06.jpg']);
  });

  it('one that its source knows to be broken fails with the reason, and the others are done', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const input = join(work.path, 'list');
    writeFileSync(input, `# a list\n\nftp://host/x\n${server.url}/3000/a.jpg\nno address\n`);
    const found = download([], { ...common, input, dir: join(work.path, 'out') });
    const failed: unknown[] = [];
    for await (const event of found) {
      if (event.event === 'outcome' && event.status === 'failed') {
        failed.push([event.url, event.error!.code, /^line \d+/.exec(event.error!.message)?.[0]]);
      }
    }
    assert.deepEqual(failed, [
      ['ftp://host/x', 'bad-url', 'line 3'],
      ['no address', 'bad-url', 'line 5'],
    ]);
    const { saved, exitCode } = await found.summary;
    assert.deepEqual([saved, exitCode], [1, 3]);
  });
});

describe('--failed', () => {
  it('is a list of what failed, with the reasons, that the next run can read', async () => {
    using work = scratch();
    let isThere = false;
    await using server = await pictureServer((path, response) => {
      if (isThere || path.includes('/500/')) return false;
      response.writeHead(410).end();
      return true;
    });
    const input = join(work.path, 'list');
    const failedFile = join(work.path, 'failed');
    const dir = join(work.path, 'out');
    const bad = urlsOf(server.items(2, 3000));
    writeFileSync(input, [`${server.url}/500/good.jpg`, ...bad, 'no address'].join('\n'));
    await run(server, [], { dir, input, failedFile });
    const lines = readFileSync(failedFile, 'utf8').trimEnd().split('\n');
    assert.deepEqual(lines.filter((line) => !line.startsWith('#')).sort(), bad);
    assert.ok(lines.includes('# no address'));
    assert.equal(lines.filter((line) => line.startsWith('# not-found: ')).length, 2);
    isThere = true;
    const again = await run(server, [], { dir, input: failedFile });
    assert.deepEqual(again.counts, { saved: 2, kept: 0, skipped: 0, failed: 0 });
  });

  it('is empty where nothing failed, and never the list that is read', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const input = join(work.path, 'list');
    const text = `${server.url}/500/good.jpg\n`;
    writeFileSync(input, text);
    const dir = join(work.path, 'out');
    await assert.rejects(download([], { ...common, dir, input, failedFile: input }).summary, {
      name: 'UsageError',
      message: /is the list that -i reads/,
    });
    assert.equal(readFileSync(input, 'utf8'), text);
    await run(server, [], { dir, input, failedFile: join(work.path, 'failed') });
    assert.equal(readFileSync(join(work.path, 'failed'), 'utf8'), '');
  });

  it('in a place that cannot be written ends the run before the first request', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const failedFile = join(work.path, 'no', 'such', 'directory');
    await assert.rejects(
      download(`${server.url}/500/a.jpg`, { ...common, dir: work.path, failedFile }).summary,
      { name: 'DiskError', message: /cannot write --failed .*directory/ },
    );
    assert.deepEqual(server.requests, []);
  });
});
