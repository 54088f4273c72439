import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { InterruptedError } from '../../src/core/errors.ts';
import type { Body } from '../../src/download/endings.ts';
import { detectFormat } from '../../src/download/formats.ts';
import type { Verdict } from '../../src/image/picture-messages.ts';
import { PicturePool } from '../../src/image/picture-pool.ts';
import type { Picture } from '../../src/image/picture-process.ts';
import { needs } from '../support/needs.ts';
import { childrenWith, hasProc } from '../support/processes.ts';
import { scratch, until } from '../support/scratch.ts';
import {
  flipped,
  hugeAvif,
  hugeJpeg,
  hugePng,
  hugeWebp,
  makePictures,
  type PictureName,
  pngWithBadData,
  pngWithoutLines,
} from './pictures.ts';

const body = (bytes: Buffer): Picture & Body => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  whole: () => bytes,
});

/** A picture that is not given out before `release`: its decoder is at work for so long. */
function heldBack(bytes: Buffer) {
  const gate = Promise.withResolvers<void>();
  const self = {
    isRead: false,
    release: () => gate.resolve(),
    picture: {
      size: bytes.length,
      whole: async () => {
        self.isRead = true;
        await gate.promise;
        return bytes;
      },
    },
  };
  return self;
}

const decoders = () => childrenWith('/src/image/picture-worker.');
const needsLinux = { skip: needs(hasProc, 'processes are found by /proc') };

let pictures: Record<PictureName, Buffer>;
let checks: PicturePool;

before(async () => {
  pictures = await makePictures();
  checks = new PicturePool({ processes: 2 });
});
after(() => checks.stop());

const task = { check: true, stage: null, svg: false };
const check = (pool: PicturePool, picture: Picture, deadlineAt?: number) =>
  pool.carryOut(picture, task, deadlineAt);
const judge = (bytes: Buffer): Promise<Verdict> => check(checks, body(bytes));

describe('every pixel is decoded', () => {
  it('of a whole picture of every kind nothing is said', async () => {
    for (const [name, bytes] of Object.entries(pictures)) {
      assert.deepEqual(await judge(bytes), { state: 'whole' }, name);
    }
  });

  /** What the marks of a format do not show, and its decoder does. */
  const broken: [name: PictureName, share: number, reason: RegExp][] = [
    ['jpeg', 0.3, /Corrupt JPEG data/],
    ['progressive', 0.9, /Corrupt JPEG data/],
    ['cmyk', 0.9, /Corrupt JPEG data/],
    ['png', 0.3, /libpng read error/],
    ['png', 0.9, /libpng read error/],
    ['interlaced', 0.9, /^broken data$/],
    ['deep', 0.9, /libpng read error/],
    ['gif', 0.6, /Invalid frame data/],
    ['lossless', 0.6, /unable to read pixels/],
    ['animatedWebp', 0.6, /unable to read pixels/],
    ['avif', 0.3, /\w/],
    ['avif', 0.9, /\w/],
    ['lzw', 0.9, /Using code not yet in table/],
  ];
  for (const [name, share, reason] of broken) {
    it(`${name} with other bytes from ${share} on is corrupt, though its marks are whole`, async () => {
      const bytes = flipped(pictures[name], share);
      assert.notEqual(await detectFormat(bytes)?.whole?.(body(bytes)), false);
      const verdict = await judge(bytes);
      assert.equal(verdict.state, 'corrupt');
      assert.match((verdict as { reason: string }).reason, reason);
    });
  }

  it('a PNG with wrong data under a right checksum, and one with fewer lines than it says, are corrupt', async () => {
    for (const bytes of [pngWithBadData(pictures.png), pngWithoutLines()]) {
      assert.equal((await judge(bytes)).state, 'corrupt');
    }
  });

  it('the last page of a TIFF counts', async () => {
    const bytes = Buffer.from(pictures.pages);
    // The strips of the second page lie behind its beginning.
    bytes.fill(0xff, pictures.tiff.length + 8, pictures.tiff.length + 300);
    assert.equal((await judge(bytes)).state, 'corrupt');
  });

  it('what is said is one line, without the name of a file', async () => {
    for (const bytes of [Buffer.from('not a picture'), flipped(pictures.png, 0.3), Buffer.alloc(100)]) {
      const verdict = await judge(bytes);
      assert.equal(verdict.state, 'corrupt');
      assert.match((verdict as { reason: string }).reason, /^[^\n/]{5,200}$/);
    }
  });

  it('what the library can read and Gallop does not take for a picture is not handed to other readers', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    assert.equal((await judge(Buffer.from(svg))).state, 'corrupt');
  });
});

describe('too many pixels are counted in the header, before anything is decoded', () => {
  const huge: Record<string, () => Buffer> = {
    'PNG of 30,000 x 30,000': () => hugePng(30_000),
    'JPEG of 65,000 x 65,000': () => hugeJpeg(pictures.jpeg),
    'AVIF of 30,000 x 30,000': () => hugeAvif(pictures.avif),
    'WebP of three frames, each just within the bound': () => hugeWebp(pictures.animatedWebp),
  };
  for (const [name, make] of Object.entries(huge)) {
    it(name, async () => {
      const verdict = await judge(make());
      assert.equal(verdict.state, 'too-many-pixels');
      assert.match((verdict as { reason: string }).reason, /^\d+ pixels, more than 268402689$/);
    });
  }
});

describe('a decoder is a process of its own', () => {
  /** Every decoder that reads this picture dies of it, so many times. */
  const deadly = (times: number, before: number[]) => {
    let left = times;
    const bytes = pictures.png;
    return {
      size: bytes.length,
      whole() {
        const [pid] = decoders().filter((it) => !before.includes(it));
        if (left > 0) process.kill(pid!, 'SIGSEGV');
        left -= 1;
        return bytes;
      },
    };
  };

  it('a second crash is the fault of its picture; the next one is decoded', needsLinux, async () => {
    const own = new PicturePool({ processes: 1 });
    const first = check(own, deadly(2, decoders()));
    const next = check(own, body(pictures.jpeg));
    assert.deepEqual(await first, { state: 'corrupt', reason: 'the decoder crashed (SIGSEGV)' });
    assert.deepEqual(await next, { state: 'whole' });
    own.stop();
  });

  it("one crash may be the machine's doing: the picture is decoded by another", needsLinux, async () => {
    const own = new PicturePool({ processes: 1 });
    assert.deepEqual(await check(own, deadly(1, decoders())), { state: 'whole' });
    own.stop();
  });

  it(
    'a decoding that does not end is ended, and said to be late; the next one is decoded',
    needsLinux,
    async () => {
      // Enough for the next one, its decoder's start included.
      const own = new PicturePool({ processes: 1, mostMs: 4000 });
      // Its decoder waits for somebody who writes into it.
      using work = scratch();
      const pipe = join(work.path, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const first = check(own, { size: 1, whole: () => pipe });
      const next = check(own, body(pictures.jpeg));
      assert.deepEqual(await first, { state: 'late', reason: 'it took more than 4.0 s' });
      assert.deepEqual(await next, { state: 'whole' });
      own.stop();
    },
  );

  it('who waits for a decoder waits no longer than its deadline', async () => {
    const own = new PicturePool({ processes: 1 });
    const held = heldBack(pictures.jpeg);
    const first = check(own, held.picture);
    await until(() => held.isRead);
    const second = await check(own, body(pictures.png), performance.now() + 100);
    assert.deepEqual(second, { state: 'late', reason: 'all decoders are busy' });
    held.release();
    assert.deepEqual(await first, { state: 'whole' });
    own.stop();
  });

  it(
    'one that does not come to start is given up at the deadline, and when all is stopped',
    needsLinux,
    async () => {
      const own = new PicturePool({ processes: 2 });
      const before = decoders();
      const freeze = async () => {
        let pid: number | undefined;
        await until(() => {
          pid = decoders().find((it) => !before.includes(it));
          return pid !== undefined;
        });
        before.push(pid!);
        process.kill(pid!, 'SIGSTOP');
      };
      const late = check(own, body(pictures.png), performance.now() + 1000);
      await freeze();
      assert.deepEqual(await late, { state: 'late', reason: 'no decoder had started' });
      const stopped = check(own, body(pictures.png));
      await freeze();
      own.stop();
      await assert.rejects(stopped, { name: 'InterruptedError' });
    },
  );

  it('so many work at once and no more, whatever is asked; without work they end', needsLinux, async () => {
    const own = new PicturePool({ processes: 2, idleMs: 50 });
    const before = decoders();
    const working = () => decoders().filter((pid) => !before.includes(pid));
    const held = [1, 2, 3, 4].map(() => heldBack(pictures.png));
    const verdicts = held.map((it) => check(own, it.picture));
    await until(() => held.filter(({ isRead }) => isRead).length === 2);
    assert.equal(working().length, 2);
    for (const it of held) it.release();
    await Promise.all(verdicts);
    assert.equal(held.filter(({ isRead }) => isRead).length, 4);
    await until(() => working().length === 0);
  });

  it('its environment holds nothing that is not needed', needsLinux, async () => {
    process.env.CLIENT_SECRET = 's3cret';
    const own = new PicturePool({ processes: 1 });
    const before = decoders();
    await check(own, body(pictures.png));
    const [pid] = decoders().filter((it) => !before.includes(it));
    assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /s3cret/);
    delete process.env.CLIENT_SECRET;
    own.stop();
  });

  it('its work and its memory are counted, also after it has ended', async () => {
    const own = new PicturePool({ processes: 2 });
    assert.deepEqual(own.usage, { cpuSeconds: 0, peakRssBytes: 0 });
    await check(own, body(pictures.png));
    const first = own.usage;
    // Node and the library alone take more than that, and less than that.
    assert.ok(first.cpuSeconds > 0.02 && first.cpuSeconds < 30, `${first.cpuSeconds}`);
    assert.ok(first.peakRssBytes > 30e6 && first.peakRssBytes < 1e9, `${first.peakRssBytes}`);
    await Promise.all([check(own, body(pictures.png)), check(own, body(pictures.jpeg))]);
    const second = own.usage;
    assert.ok(second.peakRssBytes > 1.5 * first.peakRssBytes, 'two of them together');
    own.stop();
    assert.deepEqual(own.usage, second);
  });

  it('stopped, what is under way has its grace and nothing new is begun', async () => {
    const own = new PicturePool({ processes: 1 });
    await check(own, body(pictures.png));
    const held = heldBack(pictures.png);
    const first = check(own, held.picture);
    const waiting = check(own, body(pictures.png));
    await until(() => held.isRead);
    own.stop(60_000);
    await assert.rejects(waiting, InterruptedError);
    held.release();
    assert.deepEqual(await first, { state: 'whole' });
    await assert.rejects(check(own, body(pictures.png)), InterruptedError);
  });

  it('stopped without a grace, what is under way is broken off, and is not called corrupt', async () => {
    const own = new PicturePool({ processes: 1 });
    const held = heldBack(pictures.png);
    const first = check(own, held.picture);
    await until(() => held.isRead);
    own.stop();
    held.release();
    await assert.rejects(first, InterruptedError);
  });

  it('a picture that cannot be read fails with its own error, and leaves no decoder waiting', async () => {
    const own = new PicturePool({ processes: 1 });
    const gone = { size: 10, whole: () => Promise.reject(new Error('the disk is gone')) };
    await assert.rejects(check(own, gone), /the disk is gone/);
    assert.deepEqual(await check(own, body(pictures.png)), { state: 'whole' });
    own.stop();
  });

  it('a picture in a file is read by its decoder; what the system says of it is told', async () => {
    using work = scratch();
    const file = join(work.path, 'picture');
    writeFileSync(file, pictures.png);
    assert.deepEqual(await check(checks, { size: 1, whole: () => file }), { state: 'whole' });
    const missing = { size: 1, whole: () => `${file} that is not there` };
    await assert.rejects(check(checks, missing), { code: 'ENOENT', message: /no such file/ });
    assert.deepEqual(await check(checks, body(pictures.jpeg)), { state: 'whole' });
  });

  it(
    'one starts for each picture that is expected, and not for more than may work at once',
    needsLinux,
    async () => {
      const own = new PicturePool({ processes: 2, idleMs: 300 });
      const before = decoders();
      const there = () => decoders().filter((pid) => !before.includes(pid));
      const arrived = own.expect();
      await until(() => there().length === 1);
      const [first] = there();
      arrived();
      // The one that has started for it is there for this one.
      assert.deepEqual(await check(own, body(pictures.png)), { state: 'whole' });
      assert.deepEqual(there(), [first]);
      for (let time = 0; time < 3; time += 1) own.expect();
      await until(() => there().length === 2);
      assert.ok(there().includes(first!));
      // None of them came.
      await until(() => there().length === 0);
      own.stop();
      own.expect();
      assert.deepEqual(there(), []);
    },
  );
});
