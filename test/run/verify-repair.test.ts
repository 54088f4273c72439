import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import {
  type Item,
  type RepairEndEvent,
  type RepairEvent,
  type RepairOptions,
  repair,
  verify,
} from '../../src/index.ts';
import { answer, type Behaviour, pathBytes, pictureBytes, pictureServer } from '../support/picture-server.ts';
import { bytesOf, filesIn, scratch, until } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';
import { withoutWriting } from '../support/tiny-disk.ts';

const quick: RepairOptions = { strategy: 'async', retries: 0 };
const common = { ...quick, name: '{name}.{ext}' } as const;

/** A directory with six pictures of a server that goes on serving them, as `behaviour` lets it. */
async function stored(behaviour?: Behaviour, change: (item: Item) => Partial<Item> = () => ({})) {
  const work = scratch();
  const server = await pictureServer(behaviour);
  const items = server.items(6, 3000).map((item) => ({ ...item, ...change(item) }));
  await startRun(resolveRunSpec({ ...common, dir: work.path }), { items }).summary;
  server.requests.length = 0;
  return {
    dir: work.path,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      work[Symbol.dispose]();
    },
  };
}

const file = (dir: string, n: number) => join(dir, `p${n}.jpg`);

/** One is missing, one has other bytes of the same number, one is torn; and one is not ours. */
function spoil(dir: string): void {
  rmSync(file(dir, 0));
  const bytes = pathBytes('/3000/p1.jpg')!;
  bytes[1500]! ^= 1;
  writeFileSync(file(dir, 1), bytes);
  truncateSync(file(dir, 2), 2000);
  writeFileSync(join(dir, 'mine.txt'), 'mine');
}

async function all(run: AsyncIterable<RepairEvent>): Promise<RepairEvent[]> {
  const events: RepairEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

const counts = ({ event, seconds, bytes, ...rest }: RepairEndEvent) => rest;

function assertWhole(dir: string, ...numbers: number[]): void {
  for (const n of numbers) assert.deepEqual(bytesOf(dir, `p${n}.jpg`), pathBytes(`/3000/p${n}.jpg`));
}

describe('verify --repair', () => {
  it('fetches just what is missing, changed or torn, under its old name; what is not ours is left alone', async () => {
    await using it = await stored();
    spoil(it.dir);
    const events = await all(repair(it.dir, quick));
    const end = events.at(-1) as RepairEndEvent;
    assert.deepEqual(counts(end), {
      ...{ good: 3, missing: 1, changed: 2, foreign: 1 },
      ...{ repaired: 3, renewed: 0, failed: 0, exitCode: 0 },
    });
    assert.deepEqual(it.server.requests.sort(), ['/3000/p0.jpg', '/3000/p1.jpg', '/3000/p2.jpg']);
    assertWhole(it.dir, 0, 1, 2, 3, 4, 5);
    assert.equal(bytesOf(it.dir, 'mine.txt').toString(), 'mine');
    assert.equal(filesIn(it.dir).length, 7);
    assert.equal((await verify(it.dir).summary).exitCode, 0);
  });

  it('tells first what it found, then its run, then once what came of it', async () => {
    await using it = await stored();
    spoil(it.dir);
    const names = (await all(repair(it.dir, quick))).map(({ event }) => event);
    const order = names.filter((name, at) => name !== names[at - 1] && name !== 'progress');
    assert.deepEqual(
      order.filter((name, at) => name !== order[at - 1]),
      ['verified', 'start', 'outcome', 'end', 'repair'],
    );
    const again = (await all(repair(it.dir, quick))).map(({ event }) => event);
    assert.deepEqual([...new Set(again)], ['verified', 'repair']);
    assert.equal(it.server.requests.length, 3);
  });

  for (const strategy of ['sync', 'threads', 'processes', 'auto'] as const) {
    it(`takes the options of a run: ${strategy}`, async () => {
      await using it = await stored();
      spoil(it.dir);
      const end = await repair(it.dir, { ...quick, strategy, workers: 2 }).summary;
      assert.deepEqual([end.repaired, end.exitCode], [3, 0]);
      assertWhole(it.dir, 0, 1, 2);
    });
  }
});

describe('what cannot be repaired', () => {
  it('stays as it is when the server fails, is said, and is found again the next time', async () => {
    let isDown = false;
    await using it = await stored((_, response) => {
      if (isDown) response.writeHead(500).end();
      return isDown;
    });
    spoil(it.dir);
    isDown = true;
    const torn = bytesOf(it.dir, 'p2.jpg');
    for (const _ of [1, 2]) {
      const end = await repair(it.dir, quick).summary;
      assert.deepEqual([end.missing, end.changed, end.repaired, end.failed, end.exitCode], [1, 2, 0, 3, 3]);
      assert.deepEqual(bytesOf(it.dir, 'p2.jpg'), torn);
      assert.equal((await verify(it.dir).summary).exitCode, 3);
    }
    isDown = false;
    assert.equal((await repair(it.dir, quick).summary).repaired, 3);
    assertWhole(it.dir, 0, 1, 2);
  });

  it('a changed file stays until the new one is whole: an answer that breaks off replaces nothing', async () => {
    let breaks = false;
    await using it = await stored((path, response) => {
      if (!breaks) return false;
      const picture = pathBytes(path)!;
      response.writeHead(200, { 'content-length': picture.length }).write(picture.subarray(0, 1000));
      setTimeout(() => response.destroy(), 20);
      return true;
    });
    spoil(it.dir);
    breaks = true;
    const before = bytesOf(it.dir, 'p1.jpg');
    assert.equal((await repair(it.dir, quick).summary).exitCode, 3);
    assert.deepEqual(bytesOf(it.dir, 'p1.jpg'), before);
  });

  it('a directory that stands where a file was', async () => {
    await using it = await stored();
    rmSync(file(it.dir, 3));
    mkdirSync(file(it.dir, 3));
    const events = await all(repair(it.dir, quick));
    const failed = events.filter((event) => event.event === 'outcome').map(({ error }) => error?.code);
    assert.deepEqual(failed, ['unsafe-path']);
    assert.equal((events.at(-1) as RepairEndEvent).exitCode, 3);
  });
});

describe('what the source has now', () => {
  const other = pictureBytes('another', 2500);

  it('other bytes than were stored are saved, as the next run would, and that is said', async () => {
    let isChanged = false;
    await using it = await stored((_, response) => {
      if (isChanged) response.writeHead(200, { 'content-length': other.length }).end(other);
      return isChanged;
    });
    spoil(it.dir);
    isChanged = true;
    const events = await all(repair(it.dir, quick));
    const end = events.at(-1) as RepairEndEvent;
    assert.deepEqual([end.repaired, end.renewed, end.exitCode], [3, 3, 0]);
    const notes = events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
    assert.deepEqual(
      notes.sort(),
      [0, 1, 2].map((n) => `p${n}.jpg: its source has other bytes now than were stored`),
    );
    assert.deepEqual(bytesOf(it.dir, 'p0.jpg'), other);
    assert.equal((await verify(it.dir).summary).exitCode, 0);
  });

  it('is not taken where the source once promised other bytes', async () => {
    let isChanged = false;
    const promise = (item: Item) => ({
      expect: {
        sha256: createHash('sha256')
          .update(pathBytes(`/3000/${item.name}.jpg`)!)
          .digest('hex'),
      },
    });
    await using it = await stored((_, response) => {
      if (isChanged) response.writeHead(200, { 'content-length': other.length }).end(other);
      return isChanged;
    }, promise);
    rmSync(file(it.dir, 0));
    isChanged = true;
    const events = await all(repair(it.dir, quick));
    const codes = events.flatMap((event) => (event.event === 'outcome' ? [event.error?.code] : []));
    assert.deepEqual(codes, ['mismatch']);
    assert.ok(!existsSync(file(it.dir, 0)));
  });

  it('is looked for at its mirrors, too', async () => {
    let isGone = false;
    let mirror = '';
    await using it = await stored(
      (path, response) => {
        if (path.startsWith('/mirror/')) answer(path.replace('/mirror', ''), response);
        else if (isGone) response.writeHead(404).end();
        else return false;
        return true;
      },
      ({ url }) => ({ mirrors: [url.replace('/3000/', '/mirror/3000/')] }),
    );
    mirror = '/mirror/3000/p0.jpg';
    rmSync(file(it.dir, 0));
    isGone = true;
    assert.equal((await repair(it.dir, quick).summary).exitCode, 0);
    assert.deepEqual(it.server.requests, ['/3000/p0.jpg', mirror]);
  });
});

describe('what the journal knows', () => {
  const database = (dir: string) => join(dir, '.gallop', 'journal.db');
  function change(dir: string, sql: string): void {
    const opened = new DatabaseSync(database(dir));
    opened.exec(sql);
    opened.close();
  }
  const codes = async (dir: string, options = quick) =>
    (await all(repair(dir, options))).flatMap((event) =>
      event.event === 'outcome' ? [event.error?.code ?? event.status] : [],
    );

  it('an item may reach what it might, and no more: what a public host had listed not this machine', async () => {
    await using it = await stored();
    // As a listing of a public host's would have left it.
    change(it.dir, "UPDATE items SET recipe = NULL WHERE path = 'p0.jpg'");
    change(it.dir, `UPDATE items SET recipe = '{"reach":["local"]}' WHERE path = 'p1.jpg'`);
    change(it.dir, "UPDATE items SET recipe = 'rubbish' WHERE path = 'p2.jpg'");
    spoil(it.dir);
    rmSync(file(it.dir, 3));
    assert.deepEqual((await codes(it.dir)).sort(), [
      ...['forbidden-address', 'forbidden-address', 'forbidden-address'],
      'saved',
    ]);
    assert.deepEqual(await codes(it.dir, { ...quick, allowPrivate: true }), ['saved', 'saved', 'saved']);
  });

  it('metadata services are reached for what is typed, never for what a journal says', async () => {
    await using it = await stored();
    change(
      it.dir,
      `UPDATE items SET url = 'http://169.254.169.254/latest', recipe = '{"reach":["loopback","private","local"]}'
       WHERE path = 'p0.jpg'`,
    );
    rmSync(file(it.dir, 0));
    assert.deepEqual(await codes(it.dir), ['forbidden-address']);
  });

  it('a journal of version 1 is gone on with: it knows of no private addresses', async () => {
    await using it = await stored();
    change(
      it.dir,
      'ALTER TABLE items DROP COLUMN recipe; ALTER TABLE items DROP COLUMN ended_ms; ALTER TABLE items DROP COLUMN facts; ALTER TABLE items DROP COLUMN made; PRAGMA user_version = 1',
    );
    spoil(it.dir);
    assert.deepEqual(await codes(it.dir), Array(3).fill('forbidden-address'));
    assert.deepEqual(await codes(it.dir, { ...quick, allowPrivate: true }), Array(3).fill('saved'));
    assertWhole(it.dir, 0, 1, 2);
  });

  it('an address that had a password is asked without it, and that is said; a header brings it', async () => {
    const needed = `Basic ${btoa('user:pass')}`;
    await using it = await stored(
      (_, response) => {
        if (response.req.headers.authorization === needed) return false;
        response.writeHead(401).end();
        return true;
      },
      ({ url }) => ({ url: url.replace('//', '//user:pass@') }),
    );
    const repaired = async (options: RepairOptions) => {
      const events = await all(repair(it.dir, options));
      const notes = events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
      assert.match(notes.join('\n'), /^one address had a user or a password, [^\n]*$/);
      return (events.at(-1) as RepairEndEvent).exitCode;
    };
    rmSync(file(it.dir, 0));
    // As often as it is asked: neither a repair that fails nor one that succeeds forgets it.
    for (const exitCode of [3, 3]) assert.equal(await repaired(quick), exitCode);
    const headers = { authorization: needed };
    assert.equal(await repaired({ ...quick, headers }), 0);
    rmSync(file(it.dir, 0));
    assert.equal(await repaired(quick), 3);
  });

  it('a repair changes nothing of what it takes to fetch an item, whatever comes of it', async () => {
    let isDown = false;
    await using it = await stored(
      (_, response) => {
        if (isDown) response.writeHead(500).end();
        return isDown;
      },
      ({ url }) => ({ reach: ['loopback', 'private', 'local'], expect: { bytes: 3000 }, mirrors: [url] }),
    );
    const recipes = () => {
      const opened = new DatabaseSync(database(it.dir), { readOnly: true });
      const rows = opened.prepare('SELECT key, recipe FROM items ORDER BY key').all();
      opened.close();
      return rows.map(({ key, recipe }) => [key, JSON.parse(String(recipe))]);
    };
    const before = recipes();
    assert.deepEqual((before[0]![1] as { reach: string[] }).reach, ['loopback', 'private', 'local']);
    spoil(it.dir);
    for (isDown of [true, false]) {
      assert.equal((await repair(it.dir, quick).summary).exitCode, isDown ? 3 : 0);
      assert.deepEqual(recipes(), before);
    }
  });
});

describe('a directory that cannot be repaired', () => {
  it('has no journal, or a damaged one, or is held by a run', async () => {
    using empty = scratch();
    await assert.rejects(repair(empty.path).summary, { name: 'UsageError', exitCode: 2 });
    await using it = await stored();
    spoil(it.dir);
    const slow = await pictureServer(() => true);
    await using _ = slow;
    const controller = new AbortController();
    const spec = resolveRunSpec({ ...common, dir: it.dir });
    const run = startRun(spec, { items: slow.items(1, 400), signal: controller.signal });
    await until(() => slow.inFlight === 1);
    await assert.rejects(repair(it.dir, quick).summary, { code: 'directory-in-use', exitCode: 2 });
    controller.abort();
    slow.drop();
    await run.summary;
    copyFileSync(join(it.dir, 'mine.txt'), join(it.dir, '.gallop', 'journal.db'));
    await assert.rejects(repair(it.dir, quick).summary, { name: 'DiskError', exitCode: 5 });
    assert.deepEqual(it.server.requests, []);
  });

  it('is read-only: nothing is asked for, exit 5', async () => {
    await using it = await stored();
    spoil(it.dir);
    {
      using _ = withoutWriting(it.dir);
      await assert.rejects(repair(it.dir, quick).summary, { name: 'DiskError', exitCode: 5 });
    }
    assert.deepEqual(it.server.requests, []);
    // Where nothing is wrong nothing has to be written.
    await repair(it.dir, quick).summary;
    using _ = withoutWriting(it.dir);
    assert.equal((await repair(it.dir, quick).summary).exitCode, 0);
  });

  it('stopped in the middle it ends with 130, and the next one goes on', async () => {
    let holds = false;
    await using it = await stored((path) => holds && path.includes('p1'));
    spoil(it.dir);
    holds = true;
    const controller = new AbortController();
    const run = repair(it.dir, { ...quick, strategy: 'sync', signal: controller.signal });
    run.summary.catch(() => {});
    await until(() => it.server.requests.some((path) => path.includes('p1')));
    controller.abort();
    it.server.drop();
    assert.equal((await run.summary).exitCode, 130);
    holds = false;
    const end = await repair(it.dir, quick).summary;
    assert.equal(end.exitCode, 0);
    assertWhole(it.dir, 0, 1, 2, 3, 4, 5);
  });
});
