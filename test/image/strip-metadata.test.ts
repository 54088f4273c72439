import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { stripMetadata } from '../../src/image/strip-metadata.ts';
import {
  exif,
  fullJpeg,
  fullPng,
  fullWebp,
  pixelsOf,
  pngChunks,
  withJfif,
  words,
  xmp,
} from './metadata-blocks.ts';
import { flatJpeg, makePictures, type PictureName } from './pictures.ts';

let pictures: Record<PictureName, Buffer>;
before(async () => {
  pictures = await makePictures();
});

const described = (bytes: Buffer, orientation?: number): Sharp => {
  const canvas = sharp(bytes, { pages: -1 }).withExif(exif).withXmp(xmp).withIccProfile('p3');
  return orientation === undefined ? canvas : canvas.withMetadata({ orientation }).withExifMerge(exif);
};

const stripped = async (bytes: Buffer): Promise<Buffer | null> =>
  stripMetadata(bytes, await sharp(bytes).metadata());

/** Nothing is left of it but colours and, where it is turned, that. Both files show the same. */
async function checkStripped(full: Buffer, orientation = 1): Promise<Buffer> {
  const before = await sharp(full).metadata();
  assert.ok(before.exif!.includes('Kamera') && before.xmp!.includes('Fundort') && before.icc !== undefined);
  const bytes = await stripped(full);
  assert.ok(bytes !== null);
  for (const word of words) assert.ok(!bytes.includes(word), word);
  const head = await sharp(bytes, { failOn: 'warning' }).metadata();
  assert.deepEqual([head.xmp, head.iptc, head.comments], [undefined, undefined, undefined]);
  assert.deepEqual(head.icc, before.icc);
  assert.deepEqual([head.pages, head.delay, head.loop], [before.pages, before.delay, before.loop]);
  assert.equal(head.orientation ?? 1, orientation);
  assert.equal(head.exif === undefined, orientation === 1);
  assert.ok((await pixelsOf(bytes)).equals(await pixelsOf(full)));
  assert.deepEqual(head.autoOrient, before.autoOrient);
  // There is nothing left to be done.
  assert.ok((await stripped(bytes))!.equals(bytes));
  return bytes;
}

describe('metadata goes, and every pixel stays', () => {
  it('JPEG: sequential, progressive, grey', async () => {
    const kinds = {
      jpeg: described(pictures.jpeg).jpeg(),
      progressive: described(pictures.jpeg).jpeg({ progressive: true }),
      grey: described(pictures.jpeg).greyscale().jpeg(),
      optimised: described(pictures.jpeg).jpeg({ mozjpeg: true }),
    };
    for (const [name, picture] of Object.entries(kinds)) {
      const bytes = await checkStripped(fullJpeg(withJfif(await picture.toBuffer())));
      assert.equal(bytes.toString('latin1', 6, 10), 'JFIF', name);
      assert.deepEqual(bytes.subarray(-2), Buffer.from([0xff, 0xd9]));
    }
  });

  it('marks of restart, and bytes that fill up, are of the scan', async () => {
    const restarted = flatJpeg(20, 3);
    const at = restarted.indexOf(Buffer.from([0xff, 0xd1]));
    const filled = Buffer.concat([
      restarted.subarray(0, at),
      Buffer.from([255, 255]),
      restarted.subarray(at),
    ]);
    for (const jpeg of [
      restarted,
      filled,
      flatJpeg(9, 4, Buffer.alloc(7)),
      flatJpeg(5, 0, Buffer.from([255])),
    ]) {
      const bytes = await stripped(Buffer.concat([jpeg, Buffer.from('Anhang')]));
      assert.ok(bytes!.equals(jpeg));
    }
  });

  it('a CMYK of Adobe keeps the mark that its colours depend on', async () => {
    const bytes = await stripped(fullJpeg(pictures.cmyk));
    assert.ok(bytes !== null && bytes.length < fullJpeg(pictures.cmyk).length);
    assert.ok((await pixelsOf(bytes)).equals(await pixelsOf(pictures.cmyk)));
    assert.ok(bytes.includes('Adobe'));
  });

  it('PNG: of 8 and 16 bits, with a palette and without', async () => {
    for (const picture of [
      described(pictures.png).png(),
      described(pictures.png).png({ palette: true }),
      described(pictures.png).png({ progressive: true }),
      described(pictures.deep).toColourspace('rgb16').png(),
    ]) {
      const bytes = await checkStripped(fullPng(await picture.toBuffer()));
      const wanted = ['IHDR', 'PLTE', 'tRNS', 'gAMA', 'iCCP', 'pHYs', 'IDAT', 'IEND', 'bKGD', 'sBIT'];
      assert.deepEqual(
        pngChunks(bytes).filter((type) => !wanted.includes(type)),
        [],
      );
      assert.ok(pngChunks(bytes).includes('gAMA'));
    }
  });

  it('WebP: with and without loss, transparent, and one that moves', async () => {
    const transparent = await sharp(pictures.png).ensureAlpha(0.5).png().toBuffer();
    for (const picture of [
      described(pictures.webp).webp(),
      described(pictures.webp).webp({ lossless: true }),
      described(transparent).webp(),
      described(pictures.animatedWebp).webp(),
    ]) {
      const bytes = await checkStripped(fullWebp(await picture.toBuffer()));
      assert.deepEqual([bytes.toString('latin1', 12, 16), bytes[20]! & 0x0c], ['VP8X', 0]);
      assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
    }
  });

  for (const orientation of [2, 3, 6, 8]) {
    it(`what is to be turned (${orientation}) says so, and nothing else`, async () => {
      const [jpeg, png, webp] = await Promise.all([
        described(pictures.jpeg, orientation).jpeg().toBuffer(),
        described(pictures.png, orientation).png().toBuffer(),
        described(pictures.webp, orientation).webp().toBuffer(),
      ]);
      for (const full of [fullJpeg(jpeg!), fullJpeg(withJfif(jpeg!)), fullPng(png!), fullWebp(webp!)]) {
        const bytes = await checkStripped(full, orientation);
        const { exif: left } = await sharp(bytes).metadata();
        assert.ok(left!.length <= 32, `${left!.length} bytes`);
        assert.ok(!left!.includes('Kamera'));
        assert.equal(bytes.indexOf('JFIF'), full.indexOf('JFIF'));
      }
    });
  }

  it('a file without metadata stays as it is', async () => {
    for (const name of [
      'jpeg',
      'progressive',
      'png',
      'interlaced',
      'webp',
      'lossless',
      'animatedWebp',
    ] as const) {
      assert.ok((await stripped(pictures[name]))!.equals(pictures[name]), name);
    }
  });
});

describe('what cannot be walked is left to the decoder', () => {
  it('formats that have no such walk, and files whose parts do not add up', async () => {
    for (const name of ['gif', 'avif', 'tiff'] as const) assert.equal(await stripped(pictures[name]), null);
    for (const name of ['jpeg', 'png', 'webp'] as const) {
      const head = await sharp(pictures[name]).metadata();
      const cut = pictures[name].subarray(0, -20);
      assert.equal(stripMetadata(cut, head), null, name);
    }
  });

  it('whatever the bytes are, nothing is thrown', async () => {
    for (const name of ['jpeg', 'png', 'webp'] as const) {
      const whole = await described(pictures[name])[name]().toBuffer();
      const head = await sharp(whole).metadata();
      // Where the parts are told from each other.
      const flip = fc.record({ at: fc.nat(2000), to: fc.nat(255) });
      fc.assert(
        fc.property(
          fc.array(flip, { minLength: 1, maxLength: 8 }),
          fc.nat({ max: 2 * whole.length }),
          (flips, length) => {
            const bytes = Buffer.from(whole.subarray(0, length));
            for (const { at, to } of flips) if (at < bytes.length) bytes[at] = to;
            const made = stripMetadata(bytes, { ...head, orientation: 6 });
            // An EXIF of 26 bytes with its head may be more than there was.
            assert.ok(made === null || made.length <= bytes.length + 40);
          },
        ),
        { numRuns: 500 },
      );
    }
  });
});
