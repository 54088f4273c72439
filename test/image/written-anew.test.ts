import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import type { StageSpec } from '../../src/core/stage.ts';
import { applyStage } from '../../src/image/apply-stage.ts';
import { joinTiff } from '../../src/image/join-tiff.ts';
import type { Made } from '../../src/image/picture-messages.ts';
import { isLosslessWebp, webpChunks, webpOf } from '../../src/image/webp-chunks.ts';
import {
  exif,
  fullJpeg,
  iptcRecords,
  photoshop,
  pixelsOf,
  segment,
  withSegments,
  xmp,
} from './metadata-blocks.ts';
import { makePictures, type PictureName, tiffPages } from './pictures.ts';
import { asIs } from './stages.ts';

async function madeOf(bytes: Buffer, stage: Partial<StageSpec>): Promise<Made> {
  const answer = await applyStage(bytes, { ...asIs, ...stage }, false);
  assert.equal(answer.state, 'whole', JSON.stringify(answer));
  return (answer as { made: Made }).made;
}

async function writtenOf(bytes: Buffer, stage: Partial<StageSpec>): Promise<Buffer> {
  const { file } = await madeOf(bytes, stage);
  assert.ok(file !== null, 'the bytes were kept');
  return Buffer.from(file.bytes);
}

let pictures: Record<PictureName, Buffer>;
before(async () => {
  pictures = await makePictures();
});

describe('IPTC', () => {
  const records = async (bytes: Buffer) => (await sharp(bytes).metadata()).iptc;

  it('stays in a JPEG that is written anew, alone of what Photoshop noted down, behind JFIF and EXIF', async () => {
    const plain = await sharp(pictures.png).jpeg().toBuffer();
    const described = await sharp(pictures.png).withExif(exif).withXmp(xmp).jpeg().toBuffer();
    for (const jpeg of [plain, described]) {
      for (const odd of [iptcRecords, Buffer.concat([iptcRecords, Buffer.from('\0')])]) {
        const full = withSegments(jpeg, segment(0xed, photoshop(odd)));
        for (const stage of [
          { resize: 100 },
          { resize: 300, phash: true },
          { resize: 50, format: 'jpg' },
        ] as const) {
          const written = await writtenOf(full, stage);
          const found = (await records(written))!;
          assert.ok(found.includes(odd) && !found.includes('preview'));
          const head = await sharp(written, { failOn: 'warning' }).metadata();
          assert.equal(head.exif === undefined, jpeg === plain);
          assert.equal(head.xmp === undefined, jpeg === plain);
          const without = await writtenOf(jpeg, stage);
          assert.ok((await pixelsOf(written)).equals(await pixelsOf(without)));
          const before = jpeg === plain ? 2 : without.indexOf('Exif');
          assert.ok(written.indexOf('Photoshop') > before && before > 0);
        }
      }
    }
  });

  it('goes with the rest where metadata is to go, and where a format has no place for it', async () => {
    const full = fullJpeg(pictures.jpeg);
    for (const stage of [
      { resize: 100, stripMetadata: true },
      { stripMetadata: true },
      { resize: 100, format: 'png' },
      { resize: 100, format: 'webp' },
    ] as const) {
      assert.ok(!(await writtenOf(full, stage)).includes('Bildtext'));
    }
  });

  it('that is broken is left out, and the picture is written', async () => {
    const whole = photoshop(iptcRecords);
    const cuts = [14, 15, 20, 40, whole.length - 50].map((length) => whole.subarray(0, length));
    const huge = Buffer.from(whole);
    huge.writeUInt32BE(0xffffffff, huge.indexOf('\x04\x04\0\0', 0, 'latin1') + 4);
    for (const block of [...cuts, huge, Buffer.from('Photoshop 3.0\x008BIN and more of it')]) {
      const written = await writtenOf(withSegments(pictures.jpeg, segment(0xed, block)), { resize: 100 });
      assert.ok(!written.includes('Photoshop'));
    }
  });
});

describe('metadata alone is to go', () => {
  const noisy = (kind: Sharp) => kind.withExif(exif).withXmp(xmp).toBuffer();

  it('JPEG, PNG and WebP keep their pixels to the bit, others are written anew', async () => {
    const canvas = () => sharp(pictures.png);
    for (const full of [
      fullJpeg(await noisy(canvas().jpeg())),
      await noisy(canvas().png()),
      await noisy(canvas().webp()),
    ]) {
      const made = await madeOf(full, { stripMetadata: true, phash: true });
      const bytes = Buffer.from(made.file!.bytes);
      assert.ok((await pixelsOf(bytes)).equals(await pixelsOf(full)));
      const head = await sharp(bytes).metadata();
      assert.deepEqual([head.exif, head.xmp, head.iptc], [undefined, undefined, undefined]);
      assert.deepEqual([made.file!.width, made.file!.height, made.file!.mime], [320, 240, head.mediaType]);
      assert.equal(made.exif?.Make, 'Kamera');
      assert.match(made.phash!, /^[0-9a-f]{16}$/);
    }
    const avif = await noisy(canvas().avif({ effort: 0 }));
    const { exif: left } = await sharp(await writtenOf(avif, { stripMetadata: true })).metadata();
    assert.equal(left, undefined);
    for (const name of ['gif', 'animatedGif', 'avif', 'tiff', 'pages'] as const) {
      assert.equal((await madeOf(pictures[name], { stripMetadata: true })).file, null, name);
    }
  });

  it('what is to be turned stays so, with its sides as they are stored; the original is told as it is shown', async () => {
    const full = await sharp(pictures.png)
      .withMetadata({ orientation: 6 })
      .withExifMerge(exif)
      .jpeg()
      .toBuffer();
    const made = await madeOf(full, { stripMetadata: true });
    assert.deepEqual([made.width, made.height], [240, 320]);
    assert.deepEqual([made.file!.width, made.file!.height], [320, 240]);
    assert.equal((await sharp(made.file!.bytes).metadata()).orientation, 6);
  });

  it('a broken picture is found out all the same', async () => {
    const full = fullJpeg(await noisy(sharp(pictures.png).jpeg()));
    const broken = Buffer.from(full);
    broken.fill(0xff, full.length - 2000, full.length - 1000);
    await assert.rejects(applyStage(broken, { ...asIs, stripMetadata: true }, false));
    // Where every pixel of it was decoded before, it is not decoded again, but for its hashes.
    const answer = await applyStage(broken, asIs, true);
    assert.equal(answer.state, 'whole');
    await assert.rejects(applyStage(broken, { ...asIs, phash: true }, true));
  });
});

describe('WebP without loss', () => {
  const lossless = (bytes: Buffer) => bytes.includes('VP8L') && !bytes.includes('VP8 ');

  it('stays so when it gets another size, also one that is transparent, or moves', async () => {
    const transparent = await sharp(pictures.png).ensureAlpha(0.5).webp({ lossless: true }).toBuffer();
    const moving = await sharp(pictures.animatedGif, { pages: -1 }).webp({ lossless: true }).toBuffer();
    const described = await sharp(pictures.png).withExif(exif).webp({ lossless: true }).toBuffer();
    for (const bytes of [pictures.lossless, transparent, moving, described]) {
      assert.ok(lossless(await writtenOf(bytes, { resize: 64 })));
      assert.ok(lossless(await writtenOf(bytes, { resize: 64, format: 'webp' })));
      assert.ok(!lossless(await writtenOf(bytes, { resize: 64, quality: 80 })));
    }
    const exact = await sharp(pictures.lossless).resize(64, 48, { fit: 'fill' }).raw().toBuffer();
    assert.ok((await pixelsOf(await writtenOf(pictures.lossless, { resize: 64 }))).equals(exact));
  });

  it('is not made of one with loss, nor of other formats', async () => {
    const frame = (type: string) => {
      const [chunk] = webpChunks(webpOf([{ type, data: Buffer.from('odd') }]))!;
      return { type: 'ANMF', data: Buffer.concat([Buffer.alloc(16), webpOf([chunk!]).subarray(12)]) };
    };
    assert.equal(isLosslessWebp(webpOf([frame('VP8L'), frame('VP8L')])), true);
    assert.equal(isLosslessWebp(webpOf([frame('VP8L'), frame('VP8 ')])), false);
    for (const bytes of [pictures.webp, pictures.animatedWebp]) {
      assert.ok(!lossless(await writtenOf(bytes, { resize: 64 })));
    }
    assert.ok(!lossless(await writtenOf(pictures.png, { format: 'webp' })));
  });
});

describe('pages of a TIFF', () => {
  const sizes = async (tiff: Buffer) => {
    const { pages = 1 } = await sharp(tiff).metadata();
    const all = Array.from({ length: pages }, (_, page) => sharp(tiff, { page }).metadata());
    return (await Promise.all(all)).map(({ width, height }) => [width, height]);
  };
  const page = (tiff: Buffer, number: number) =>
    sharp(tiff, { page: number, failOn: 'warning' }).raw().toBuffer();

  it('all get their size, each by its own, and are what each would be alone', async () => {
    const large = await sharp(pictures.png).resize(900, 700).tiff({ compression: 'none' }).toBuffer();
    const small = await sharp(pictures.png).resize(5, 3).tiff().toBuffer();
    const upright = await sharp(pictures.png).withMetadata({ orientation: 6 }).tiff().toBuffer();
    const clear = await sharp(pictures.png).ensureAlpha(0.5).tiff().toBuffer();
    const files = [pictures.tiff, large, small, upright, clear, pictures.lzw];
    const joined = tiffPages(files);
    const written = await writtenOf(joined, { resize: 64 });
    assert.deepEqual(await sizes(written), [
      [64, 48],
      [64, 50],
      [64, 38],
      [48, 64],
      [64, 48],
      [64, 48],
    ]);
    for (const [number, file] of files.entries()) {
      const alone = await page(await writtenOf(file, { resize: 64 }), 0);
      assert.ok((await page(written, number)).equals(alone), `page ${number}`);
    }
  });

  it('far into the file, of many strips, of one pixel', async () => {
    const noise = Buffer.from(Array.from({ length: 300 * 300 * 3 }, (_, at) => (at * at * 31) >> 5));
    const tall = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
      .tiff()
      .toBuffer();
    const joined = tiffPages([tall, tall, tall]);
    const written = await writtenOf(joined, { resize: 299 });
    assert.ok(written.length > 2 * 65_536);
    assert.deepEqual(await sizes(written), [
      [299, 299],
      [299, 299],
      [299, 299],
    ]);
    assert.ok((await page(written, 2)).equals(await page(written, 0)));
    const dots = await writtenOf(joined, { resize: 1, resizeMode: 'center_crop' });
    assert.deepEqual(await sizes(dots), [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it('begin at even places, whatever is said of each, and wherever it is', async () => {
    const described = (text: string) =>
      sharp(pictures.png).withXmp(`${xmp}${text}`).tiff({ compression: 'deflate' }).toBuffer();
    const written = await writtenOf(tiffPages([await described(''), await described(' ')]), { resize: 300 });
    assert.deepEqual(await sizes(written), [
      [300, 225],
      [300, 225],
    ]);
    let at = written.readUInt32LE(4);
    for (let number = 0; number < 2; number += 1) {
      assert.equal(at % 2, 0);
      at = written.readUInt32LE(at + 2 + written.readUInt16LE(at) * 12);
    }
    assert.equal(at, 0);
    assert.ok((await sharp(written, { page: 1 }).metadata()).xmp!.includes('Fundort'));

    // Places of 16 bits, which do for a file alone.
    const short = Buffer.from(pictures.tiff);
    const directory = short.readUInt32LE(4);
    const entries = Array.from({ length: short.readUInt16LE(directory) }, (_, n) => directory + 2 + n * 12);
    const places = entries.find((entry) => short.readUInt16LE(entry) === 273)!;
    short.writeUInt16LE(3, places + 2);
    short.writeUInt16LE(0xabcd, places + 10);
    assert.ok(short.length > 65_536);
    assert.ok((await page(joinTiff([short, short]), 1)).equals(await page(pictures.tiff, 0)));
  });

  it('stay where nothing but metadata goes, and where the first needs no change', async () => {
    const described = await sharp(pictures.png).withXmp(xmp).tiff({ compression: 'deflate' }).toBuffer();
    const joined = tiffPages([described, pictures.lzw]);
    const written = await writtenOf(joined, { stripMetadata: true });
    assert.deepEqual(await sizes(written), [
      [320, 240],
      [320, 240],
    ]);
    assert.ok(!written.includes('Fundort'));
    assert.ok((await page(written, 1)).equals(await page(joined, 1)));
    assert.equal((await madeOf(joined, { resize: 320 })).file, null);
    assert.equal((await madeOf(joined, { frames: 'first' })).file, null);
  });

  it('are one where the first alone is asked for, or the format has no more', async () => {
    assert.deepEqual(await sizes(await writtenOf(pictures.pages, { resize: 64, frames: 'first' })), [
      [64, 48],
    ]);
    for (const format of ['png', 'webp', 'jpg'] as const) {
      const { pages = 1, width } = await sharp(
        await writtenOf(pictures.pages, { resize: 64, format }),
      ).metadata();
      assert.deepEqual([pages, width], [1, 64]);
    }
  });

  it('are counted together', async () => {
    const wide = Buffer.from(pictures.tiff);
    const directory = wide.readUInt32LE(4);
    // Its first two fields are width and height.
    for (const entry of [2, 14]) wide.writeUInt16LE(12_000, directory + entry + 8);
    const answer = await applyStage(tiffPages([wide, wide]), { ...asIs, resize: 64 }, false);
    assert.deepEqual(answer, {
      state: 'too-many-pixels',
      reason: '288000000 pixels, more than 268402689',
    });
    const large = await applyStage(
      tiffPages([pictures.tiff, pictures.tiff]),
      { ...asIs, resize: 15_000 },
      false,
    );
    assert.equal(large.state, 'too-many-pixels');
  });
});
