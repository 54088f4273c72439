import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DirectorySink, prepareDirectory } from '../../src/sinks/directory.ts';
import { partsDirectory } from '../../src/sinks/parts.ts';
import { filesBelow, temporaryDirectory, testDownloads, workFor } from '../support/downloads.ts';
import { needs } from '../support/needs.ts';
import { testServer } from '../support/raw-server.ts';
import { jpegOf } from '../support/tiny-pictures.ts';

const place = temporaryDirectory();
after(() => place[Symbol.dispose]());

/** Mounting needs root, and a system that lets it. */
function mount(...options: string[]): boolean {
  try {
    execFileSync('mount', [...options, place.path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const unmount = () => execFileSync('umount', [place.path], { stdio: 'ignore' });
const canMount = mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');
if (canMount) unmount();
const skip = needs(canMount, 'a small file system cannot be mounted without being root');

describe('a disk that is full', { skip }, () => {
  before(() => void mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs'));
  after(unmount);

  const full = { name: 'DiskError', code: 'no-space', exitCode: 5 };
  const root = () => {
    const directory = fs.mkdtempSync(path.join(place.path, 'd'));
    prepareDirectory(directory);
    return directory;
  };
  const clear = (directory: string) => fs.rmSync(directory, { recursive: true });

  it('takes whole small files until the first that does not fit, of which nothing stays', async () => {
    const directory = root();
    const sink = new DirectorySink(directory, { fsync: false });
    const bytes = Buffer.alloc(100_000, 7);
    const fill = async () => {
      for (let at = 10; at < 40; at += 1) {
        const draft = sink.draft('a');
        try {
          await draft.append(bytes);
          await draft.commit([`${at}.jpg`, 'x'], null);
        } finally {
          await draft.discard();
        }
      }
    };
    await assert.rejects(fill(), full);
    const files = filesBelow(directory);
    assert.ok(files.length >= 5 && files.length <= 10, String(files.length));
    for (const file of files) assert.ok(fs.readFileSync(path.join(directory, file)).equals(bytes));
    clear(directory);
  });

  it('refuses a large file while it is written, of which nothing stays', async () => {
    const directory = root();
    const draft = new DirectorySink(directory, { fsync: false }).draft('a');
    const write = async () => {
      for (let at = 0; at < 100; at += 1) await draft.append(Buffer.alloc(64 * 1024));
    };
    await assert.rejects(write(), full);
    await assert.rejects(draft.commit(['a.jpg', 'x'], null), full);
    await draft.discard();
    assert.deepEqual(filesBelow(directory), []);
    clear(directory);
  });

  for (const bytes of [200_000, 20_000_000]) {
    it(`ends the run, without retries, at a body of ${bytes} bytes`, async () => {
      const directory = root();
      fs.writeFileSync(path.join(directory, 'ballast'), Buffer.alloc(900_000));
      await using server = await testServer((_, response) => void response.end(jpegOf(bytes)));
      await using downloads = await testDownloads({ dir: directory });
      await assert.rejects(downloads.downloader.download(workFor(server.url)), full);
      assert.deepEqual(downloads.files(), ['ballast']);
      assert.equal(server.requests.length, 1);
      clear(directory);
    });
  }
});

describe('a disk that cannot be written', { skip }, () => {
  after(unmount);

  it('is found out before the first request', () => {
    assert.ok(mount('-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs'));
    const readOnly = { name: 'DiskError', code: 'read-only', exitCode: 5 };
    assert.throws(() => prepareDirectory(place.path), readOnly);
    assert.throws(() => new DirectorySink(place.path, { fsync: false }), readOnly);
  });

  it('may become so later: then the run ends, and says so', async () => {
    execFileSync('mount', ['-o', 'remount,rw', place.path]);
    prepareDirectory(place.path);
    const sink = new DirectorySink(place.path, { fsync: false });
    const draft = sink.draft('a');
    await draft.append(Buffer.alloc(1000));
    execFileSync('mount', ['-o', 'remount,ro', place.path]);
    await assert.rejects(draft.commit(['a.jpg', 'x'], null), { code: 'read-only' });
    await draft.discard();
    assert.deepEqual(fs.readdirSync(path.join(place.path, partsDirectory)), []);
  });
});
