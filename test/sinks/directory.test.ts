import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { appear } from '../../src/sinks/appear.ts';
import { DirectorySink, prepareDirectory } from '../../src/sinks/directory.ts';
import { partsDirectory } from '../../src/sinks/parts.ts';
import type { Draft } from '../../src/sinks/sink.ts';
import { filesBelow, temporaryDirectory } from '../support/downloads.ts';
import { needs } from '../support/needs.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let root: string;
let sink: DirectorySink;

beforeEach(() => {
  directory = temporaryDirectory();
  root = path.join(directory.path, 'downloads');
  prepareDirectory(root);
  sink = new DirectorySink(root, { fsync: false });
});
afterEach(() => directory[Symbol.dispose]());

async function draftOf(bytes: Buffer, chunkBytes = 64 * 1024, from: DirectorySink = sink): Promise<Draft> {
  const draft = from.draft(randomUUID());
  for (let at = 0; at < bytes.length; at += chunkBytes)
    await draft.append(bytes.subarray(at, at + chunkBytes));
  return draft;
}

const put = async (place: string, bytes: Buffer, owned = false) =>
  await (await draftOf(bytes)).commit([place, `other/${place}`], owned ? place : null);
const read = (place: string) => fs.readFileSync(path.join(root, place));
const parts = () => fs.readdirSync(path.join(root, partsDirectory));

const [small, large] = [randomBytes(10_000), randomBytes(3_000_000)];
const sizes: [string, Buffer][] = [
  ['small', small],
  ['large', large],
];

for (const [size, bytes] of sizes) {
  describe(`a ${size} file`, () => {
    it('appears under its name whole, in one step, with its directories', async () => {
      const draft = await draftOf(bytes);
      assert.ok(!fs.existsSync(path.join(root, 'a/b/c.jpg')));
      assert.equal(await draft.commit(['a/b/c.jpg', 'x'], null), 'a/b/c.jpg');
      assert.ok(read('a/b/c.jpg').equals(bytes));
      assert.deepEqual(filesBelow(root), ['a/b/c.jpg']);
    });

    it('is the same with --fsync', async () => {
      const syncing = new DirectorySink(root, { fsync: true });
      await (await draftOf(bytes, 64 * 1024, syncing)).commit(['a.jpg', 'x'], null);
      assert.ok(read('a.jpg').equals(bytes));
    });

    it('leaves nothing when it is given up', async () => {
      await (await draftOf(bytes)).discard();
      assert.deepEqual(filesBelow(root), []);
    });

    it('is its last try alone when it was begun again', async () => {
      for (const before of [small, large]) {
        const draft = await draftOf(before);
        await draft.restart();
        assert.equal(draft.size, 0);
        for (let at = 0; at < bytes.length; at += 50_000) await draft.append(bytes.subarray(at, at + 50_000));
        assert.ok((await draft.read(0, bytes.length + 1)).equals(bytes));
        await draft.commit(['a.jpg', 'x'], 'a.jpg');
        assert.ok(read('a.jpg').equals(bytes));
      }
    });

    it('can be read anywhere before it appears', async () => {
      const draft = await draftOf(bytes, 70_000);
      assert.ok((await draft.read(0, 100)).equals(bytes.subarray(0, 100)));
      assert.ok((await draft.read(5000, 4000)).equals(bytes.subarray(5000, 9000)));
      assert.ok((await draft.read(bytes.length - 10, 100)).equals(bytes.subarray(-10)));
      assert.equal((await draft.read(bytes.length, 10)).length, 0);
      assert.equal((await draft.read(bytes.length + 10, 10)).length, 0);
      await draft.append(small);
      assert.ok((await draft.read(bytes.length, 100)).equals(small.subarray(0, 100)));
      await draft.discard();
    });

    it("does not overwrite somebody else's", async () => {
      fs.writeFileSync(path.join(root, 'a.jpg'), 'mine');
      assert.equal(await put('a.jpg', bytes), 'other/a.jpg');
      assert.equal(read('a.jpg').toString(), 'mine');
      assert.ok(read('other/a.jpg').equals(bytes));
    });

    it("does not overwrite somebody else's of the same length", async () => {
      fs.writeFileSync(path.join(root, 'a.jpg'), Buffer.alloc(bytes.length));
      assert.equal(await put('a.jpg', bytes), 'other/a.jpg');
    });

    it('adopts the very same bytes', async () => {
      fs.writeFileSync(path.join(root, 'a.jpg'), bytes);
      assert.equal(await put('a.jpg', bytes), 'a.jpg');
      assert.deepEqual(filesBelow(root), ['a.jpg']);
    });

    it('lets one of many get the name that all want at once, and each has its own file', async () => {
      const all = Array.from({ length: 8 }, (_, at) => Buffer.concat([bytes, Buffer.from([at])]));
      const drafts = await Promise.all(all.map((each) => draftOf(each)));
      // As a worker that looked before the others appeared: nobody sees the name taken.
      const places = await Promise.all(
        drafts.map((draft, at) => draft.commit(['a.jpg', `a~${at}.jpg`, 'never'], null)),
      );
      for (const [at, each] of all.entries()) assert.ok(read(places[at]!).equals(each), places[at]);
      assert.equal(new Set(places).size, 8);
      assert.deepEqual(filesBelow(root), places.toSorted());
    });

    it('does not overwrite what appears under its name at the last moment', async (t) => {
      const draft = await draftOf(bytes);
      for (const link of ['as others do', 'without links'] as const) {
        const name = `${link}.jpg`;
        const { linkSync, lstatSync } = fs;
        const intrude = () => fs.writeFileSync(path.join(root, name), 'mine', { flag: 'wx' });
        t.mock.method(
          fs,
          'linkSync',
          (from: string, to: string) => {
            if (link === 'without links') throw Object.assign(new Error('no links'), { code: 'EPERM' });
            intrude();
            linkSync(from, to);
          },
          { times: 1 },
        );
        let looks = 0;
        if (link === 'without links')
          t.mock.method(fs, 'lstatSync', (...given: Parameters<typeof lstatSync>) => {
            looks += 1;
            if (looks === 1) intrude();
            return lstatSync(...given);
          });
        assert.equal(await draft.commit([name, `other ${name}`], null), `other ${name}`);
        t.mock.restoreAll();
        assert.equal(read(name).toString(), 'mine');
        assert.ok(read(`other ${name}`).equals(bytes));
        await draft.restart();
        await draft.append(bytes);
      }
      await draft.discard();
      assert.deepEqual(parts(), []);
    });

    it('fails rather than overwrites where every name is taken', async () => {
      for (const name of ['a.jpg', 'b.jpg']) fs.writeFileSync(path.join(root, name), name);
      const draft = await draftOf(bytes);
      await assert.rejects(draft.commit(['a.jpg', 'b.jpg'], null), { name: 'UnsafePathError' });
      await draft.discard();
      assert.deepEqual(
        [read('a.jpg').toString(), read('b.jpg').toString(), parts().length],
        ['a.jpg', 'b.jpg', 0],
      );
    });

    it('replaces its own', async () => {
      fs.writeFileSync(path.join(root, 'a.jpg'), 'the one before');
      assert.equal(await put('a.jpg', bytes, true), 'a.jpg');
      assert.ok(read('a.jpg').equals(bytes));
    });
  });
}

describe('what stands in the way is refused, and nothing is followed', () => {
  const refused = async (place: string, message: RegExp, owned = false) => {
    const draft = await draftOf(large);
    await assert.rejects(draft.commit([place, 'x.jpg'], owned ? place : null), {
      name: 'UnsafePathError',
      message,
    });
    await draft.discard();
    assert.deepEqual(parts(), []);
  };
  const outside = () => {
    const elsewhere = path.join(directory.path, 'elsewhere');
    fs.mkdirSync(elsewhere, { recursive: true });
    return elsewhere;
  };

  it('a directory of that name', async () => {
    fs.mkdirSync(path.join(root, 'a.jpg'));
    await refused('a.jpg', /^a\.jpg: a directory stands where the file should be$/);
  });

  it('a link of that name, wherever it leads, also where the path is its own', async () => {
    const target = path.join(outside(), 'precious');
    fs.writeFileSync(target, 'precious');
    fs.symlinkSync(target, path.join(root, 'a.jpg'));
    fs.symlinkSync('nowhere', path.join(root, 'b.jpg'));
    for (const owned of [false, true]) {
      await refused('a.jpg', /a link stands where the file should be/, owned);
      await refused('b.jpg', /a link stands/, owned);
    }
    assert.equal(fs.readFileSync(target, 'utf8'), 'precious');
    assert.equal(await sink.open('a.jpg'), null);
  });

  it('a directory that is a link out of the destination, without a trace there', async () => {
    fs.symlinkSync(outside(), path.join(root, 'album'));
    await refused('album/a.jpg', /a link leads out of the destination/);
    await refused('album/deeper/still/a.jpg', /a link leads out of the destination/);
    assert.deepEqual(fs.readdirSync(outside()), []);
  });

  it('a directory that is a link to nowhere, or to itself', async () => {
    fs.symlinkSync('nowhere', path.join(root, 'album'));
    fs.symlinkSync('round', path.join(root, 'round'));
    await refused('album/a.jpg', /a link leads out/);
    await refused('round/a.jpg', /a link leads out/);
  });

  it('a file where a directory is needed', async () => {
    fs.writeFileSync(path.join(root, 'album'), 'a file');
    await refused('album/a.jpg', /a file stands where a directory is needed/);
    await refused('album/deeper/a.jpg', /a file stands where a directory is needed/);
  });

  it('a path that leads out by itself', async () => {
    await refused('../a.jpg', /leads out of the destination/);
    await refused('../downloads-too/a.jpg', /leads out of the destination/);
  });

  it('but a link that stays inside is a directory like others', async () => {
    fs.mkdirSync(path.join(root, 'real'));
    fs.symlinkSync('real', path.join(root, 'album'));
    assert.equal(await put('album/a.jpg', small), 'album/a.jpg');
    assert.ok(read('real/a.jpg').equals(small));
  });

  it('nor is a stored file read through a link that leads out', async () => {
    fs.writeFileSync(path.join(outside(), 'a.jpg'), small);
    fs.symlinkSync(outside(), path.join(root, 'album'));
    assert.equal(await sink.open('album/a.jpg'), null);
  });
});

it('a stored file can be read, and what is not there is null', async () => {
  await put('a.jpg', small);
  const body = await sink.open('a.jpg');
  assert.equal(body?.size, small.length);
  assert.ok((await body.read(100, 50)).equals(small.subarray(100, 150)));
  assert.ok((await body.read(small.length - 5, 50)).equals(small.subarray(-5)));
  await body.close();
  for (const place of ['b.jpg', 'a.jpg/b', 'no/such/thing.jpg', '.'])
    assert.equal(await sink.open(place), null);
});

it('preparing clears what a killed run left, and nothing through a link', () => {
  const left = path.join(root, partsDirectory, 'left.part');
  fs.writeFileSync(left, 'half');
  prepareDirectory(root);
  assert.ok(!fs.existsSync(left));
  const elsewhere = path.join(directory.path, 'elsewhere');
  fs.mkdirSync(path.join(elsewhere, 'parts'), { recursive: true });
  fs.writeFileSync(path.join(elsewhere, 'parts/precious'), 'precious');
  fs.rmSync(path.join(root, '.gallop'), { recursive: true });
  fs.symlinkSync(elsewhere, path.join(root, '.gallop'));
  assert.throws(() => prepareDirectory(root), { name: 'DiskError', exitCode: 5 });
  assert.equal(fs.readFileSync(path.join(elsewhere, 'parts/precious'), 'utf8'), 'precious');
});

it('a destination that cannot be made is a DiskError', () => {
  const file = path.join(directory.path, 'file');
  fs.writeFileSync(file, '');
  for (const place of [file, path.join(file, 'below'), '/proc/nowhere/downloads']) {
    assert.throws(() => prepareDirectory(place), { name: 'DiskError', exitCode: 5 }, place);
  }
  assert.throws(() => prepareDirectory(file), {
    message: `cannot use ${file}: there is a file where a directory has to be`,
  });
});

for (const [size, bytes] of sizes) {
  it(`a ${size} file whose destination is gone in mid-run is the disk's refusal, and not a fault of ours`, async () => {
    const draft = await draftOf(bytes.subarray(0, bytes.length >> 1));
    fs.rmSync(path.join(root, '.gallop'), { recursive: true });
    await assert.rejects(
      async () => {
        await draft.append(bytes.subarray(bytes.length >> 1));
        await draft.commit(['a.jpg'], null);
      },
      { name: 'DiskError', message: /its directory is gone/ },
    );
  });
}

it('a pipe in the place of a note is no note', { timeout: 10_000 }, () => {
  const [note, part] = [`${'a'.repeat(64)}.json`, `${randomUUID()}.part`];
  execFileSync('mkfifo', [path.join(root, partsDirectory, note)]);
  fs.writeFileSync(path.join(root, partsDirectory, part), 'half');
  prepareDirectory(root);
  assert.deepEqual(parts(), []);
});

it('a long body is streamed: no more than a few MB are ever held, and the reader is made to wait', async () => {
  const draft = sink.draft('a');
  const chunk = randomBytes(64 * 1024);
  const hash = createHash('sha256');
  const part = () => {
    const [name] = parts();
    return name === undefined ? 0 : fs.statSync(path.join(root, partsDirectory, name)).size;
  };
  let [peak, waits] = [0, 0];
  for (let at = 0; at < 320; at += 1) {
    hash.update(chunk);
    const ready = draft.append(chunk);
    peak = Math.max(peak, draft.size - part());
    if (ready !== undefined) waits += 1;
    await ready;
  }
  assert.equal(draft.size, 320 * chunk.length);
  assert.ok(peak <= 2.5 * 1024 * 1024, `held ${peak}`);
  assert.ok(waits >= 10, `waited ${waits} times`);
  await draft.commit(['long.jpg', 'x'], null);
  assert.equal(createHash('sha256').update(read('long.jpg')).digest('hex'), hash.digest('hex'));
});

const descriptors = '/proc/self/fd';

it('where links are not to be had, one name goes to one worker, and nothing but whole files appears', async (t) => {
  t.mock.method(fs, 'linkSync', () => {
    throw Object.assign(new Error('no links'), { code: 'ENOTSUP' });
  });
  assert.equal(await put('a.jpg', small), 'a.jpg');
  assert.equal(await put('a.jpg', large), 'other/a.jpg');
  assert.equal(await put('a.jpg', small), 'a.jpg');
  // Another worker is between its look and its rename: its mark is there, its file is not.
  const { renameSync } = fs;
  const late = path.join(root, partsDirectory, 'late.part');
  fs.writeFileSync(late, 'late');
  t.mock.method(
    fs,
    'renameSync',
    (from: string, to: string) => {
      assert.equal(appear(late, to), false);
      assert.ok(!fs.existsSync(to));
      renameSync(from, to);
    },
    { times: 1 },
  );
  assert.equal(await put('b.jpg', small), 'b.jpg');
  assert.ok(read('b.jpg').equals(small) && read('a.jpg').equals(small));
  assert.deepEqual(parts(), ['late.part']);
});

it('--fsync syncs the file, then every directory from there to the root, and the one that holds the root', {
  skip: needs(fs.existsSync(descriptors), `this system has no ${descriptors} to tell what was synced`),
}, async (t) => {
  const syncing = new DirectorySink(root, { fsync: true });
  const synced: string[] = [];
  const { fsyncSync } = fs;
  t.mock.method(fs, 'fsyncSync', (descriptor: number) => {
    synced.push(path.relative(root, fs.readlinkSync(path.join(descriptors, String(descriptor)))));
    fsyncSync(descriptor);
  });
  new DirectorySink(root, { fsync: true });
  assert.deepEqual(synced.splice(0), ['..']);
  for (const bytes of [small, large]) {
    await (await draftOf(bytes, 64 * 1024, syncing)).commit([`a/b/c/${bytes.length}.jpg`], null);
  }
  const isPart = (name: string) => name.endsWith('.part');
  assert.deepEqual(synced.filter((name) => !isPart(name)).slice(0, 5), ['a/b/c', 'a/b', 'a', '', 'a/b/c']);
  assert.equal(synced.filter(isPart).length, 2);
  // What cannot be looked up any more is lost, unless its directory follows the file.
  assert.ok(isPart(synced.at(-2)!) && synced.at(-1) === 'a/b/c', synced.join());
});

describe('a text beside a file', () => {
  const putText = (text: string) =>
    sink.putText(['a.json', 'a~1.json'], text, (there) => there.startsWith('ours'));

  it('replaces its own alone', async () => {
    assert.equal(await putText('ours 1'), 'a.json');
    assert.equal(await putText('ours 2'), 'a.json');
    assert.equal(read('a.json').toString(), 'ours 2');
    fs.writeFileSync(path.join(root, 'a.json'), 'theirs');
    assert.equal(await putText('ours 3'), 'a~1.json');
    assert.equal(await putText('ours 4'), 'a~1.json');
    assert.deepEqual([read('a.json').toString(), read('a~1.json').toString()], ['theirs', 'ours 4']);
    assert.deepEqual(parts(), []);
  });
});

it('descriptors are given back, whatever came of the draft', {
  skip: needs(fs.existsSync(descriptors), `this system has no ${descriptors} to count them in`),
}, async () => {
  fs.mkdirSync(path.join(root, 'way.jpg'));
  const before = fs.readdirSync(descriptors).length;
  for (let at = 0; at < 20; at += 1) {
    for (const [, bytes] of sizes) {
      await put(`${at}.jpg`, bytes);
      const refused = await draftOf(bytes);
      await assert.rejects(refused.commit(['way.jpg', 'x'], 'way.jpg'));
      await refused.discard();
      await (await draftOf(bytes)).discard();
    }
    await (await sink.open(`${at}.jpg`))?.close();
  }
  assert.equal(fs.readdirSync(descriptors).length, before);
});
