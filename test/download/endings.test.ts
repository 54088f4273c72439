import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp, { type TiffOptions } from 'sharp';
import { detectFormat, formatExtensions, magicBytes } from '../../src/download/formats.ts';
import { bmp, bodyOf, box, brand, hex, ico, oldestBmp, tiff, webm } from '../support/handmade-files.ts';

/** Whether the file's own format says that it is all there; null for a beginning that is no format at all. */
async function isWhole(bytes: Buffer): Promise<boolean | null> {
  const format = detectFormat(bytes.subarray(0, 16 * 1024));
  return format === undefined ? null : format.whole!(bodyOf(bytes));
}

interface Sample {
  bytes: Buffer;
  /** Cuts up to this many bytes from the end cannot be told. */
  untold?: number;
}
const samples: Record<string, Sample> = {};

before(async () => {
  const [width, height] = [160, 120];
  const raw = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * i * 31) >> 5));
  const picture = () => sharp(raw, { raw: { width, height, channels: 3 } });
  const frames = Buffer.concat([raw, Buffer.from(raw).reverse(), raw]);
  const animation = () =>
    sharp(frames, { raw: { width, height: 3 * height, channels: 3, pageHeight: height } });
  const jpeg = await picture().jpeg({ quality: 90 }).toBuffer();
  const thumbnail = await picture().resize(32).jpeg().toBuffer();
  const video = Buffer.concat([
    brand('isom'),
    box('moov', Buffer.alloc(90)),
    box('mdat', Buffer.alloc(5000, 3)),
  ]);
  samples['baseline JPEG'] = { bytes: jpeg };
  samples['progressive JPEG'] = { bytes: await picture().jpeg({ progressive: true }).toBuffer() };
  samples['JPEG with restart markers and an embedded thumbnail'] = { bytes: withApp1(jpeg, thumbnail) };
  // What follows the picture belongs to nobody that the picture knows of.
  samples['motion photo'] = { bytes: Buffer.concat([jpeg, video]), untold: video.length };
  samples['JPEG with zeros behind it'] = { bytes: Buffer.concat([jpeg, Buffer.alloc(700)]), untold: 700 };
  samples.PNG = { bytes: await picture().png().toBuffer() };
  samples['PNG with text behind it'] = {
    bytes: Buffer.concat([await picture().png().toBuffer(), Buffer.from('\nthank you')]),
    untold: 10,
  };
  samples['interlaced PNG'] = { bytes: await picture().png({ progressive: true }).toBuffer() };
  samples.GIF = { bytes: await picture().gif().toBuffer() };
  samples['animated GIF'] = { bytes: await animation().gif({ delay: 50 }).toBuffer() };
  samples.WebP = { bytes: await picture().webp().toBuffer() };
  samples['lossless WebP'] = { bytes: await picture().webp({ lossless: true }).toBuffer() };
  samples['animated WebP'] = { bytes: await animation().webp().toBuffer() };
  samples.AVIF = { bytes: await picture().avif({ effort: 0 }).toBuffer() };
  samples['MP4, its index first'] = { bytes: video };
  samples['MP4, its index last'] = {
    bytes: Buffer.concat([brand('mp42'), box('mdat', Buffer.alloc(5000, 3)), box('moov', Buffer.alloc(90))]),
  };
  const compress = (options: TiffOptions) => picture().tiff(options).toBuffer();
  samples['TIFF, deflated'] = { bytes: await compress({ compression: 'deflate' }) };
  samples['TIFF, LZW, in tiles'] = {
    bytes: await compress({ compression: 'lzw', tile: true, tileWidth: 64 }),
  };
  samples['TIFF, uncompressed, with pages beneath'] = {
    bytes: await compress({ compression: 'none', pyramid: true, tile: true, tileWidth: 16, tileHeight: 16 }),
  };
  samples.BigTIFF = { bytes: await compress({ bigtiff: true }) };
  samples['TIFF, Motorola, of three pages'] = { bytes: tiff({ isLittle: false, pages: 3 }) };
  samples['BigTIFF, Motorola, directory first'] = {
    bytes: tiff({ isLittle: false, isBig: true, directoryFirst: true, pages: 2 }),
  };
  samples['BMP, from bottom to top'] = { bytes: bmp() };
  samples['BMP, from top to bottom, with a palette'] = { bytes: bmp({ bits: 8, height: -20 }) };
  samples['BMP that says 0 of its size'] = { bytes: bmp({ bits: 16, compression: 3, statedBytes: 0 }) };
  samples['BMP of run lengths'] = { bytes: bmp({ bits: 8, compression: 1 }) };
  samples['BMP with a colour profile'] = { bytes: bmp({ bits: 32, profileBytes: 500 }) };
  samples['BMP of OS/2'] = { bytes: oldestBmp() };
  const icons = [
    await picture().resize(16, 16).png().toBuffer(),
    await picture().resize(32, 32).png().toBuffer(),
  ];
  samples['ICO of two pictures'] = { bytes: ico(icons) };
  samples.WebM = { bytes: webm() };
  samples['Matroska, its sizes short'] = { bytes: webm('matroska', 2) };
});

/** The picture with another one in its metadata, as cameras write it. */
function withApp1(jpeg: Buffer, thumbnail: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(2 + 6 + thumbnail.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from('Exif\0\0'), thumbnail, jpeg.subarray(2)]);
}

describe('whole files pass, and every file that lost its end is refused', () => {
  const names = [
    ...['baseline JPEG', 'progressive JPEG', 'JPEG with restart markers and an embedded thumbnail'],
    ...['motion photo', 'JPEG with zeros behind it', 'PNG', 'PNG with text behind it', 'interlaced PNG'],
    ...['GIF', 'animated GIF', 'WebP', 'lossless WebP', 'animated WebP', 'AVIF'],
    ...['MP4, its index first', 'MP4, its index last'],
    ...['TIFF, deflated', 'TIFF, LZW, in tiles', 'TIFF, uncompressed, with pages beneath', 'BigTIFF'],
    ...['TIFF, Motorola, of three pages', 'BigTIFF, Motorola, directory first'],
    ...['BMP, from bottom to top', 'BMP, from top to bottom, with a palette', 'BMP that says 0 of its size'],
    ...['BMP of run lengths', 'BMP with a colour profile', 'BMP of OS/2'],
    ...['ICO of two pictures', 'WebM', 'Matroska, its sizes short'],
  ];

  it('every one of them', () => assert.deepEqual(names, Object.keys(samples)));

  for (const name of names) {
    it(name, async () => {
      const { bytes, untold = 0 } = samples[name]!;
      assert.equal(await isWhole(bytes), true);
      // The ends are where formats differ: all of the first and the last hundred cuts, and many between.
      const cuts = [
        ...Array.from({ length: 100 }, (_, at) => at + 1),
        ...Array.from({ length: 100 }, (_, at) => bytes.length - at - 1),
        ...Array.from({ length: 300 }, (_, at) => Math.ceil(((at + 1) * bytes.length) / 301)),
      ];
      for (const cut of cuts) {
        if (cut <= untold || cut >= bytes.length) continue;
        assert.notEqual(await isWhole(bytes.subarray(0, -cut)), true, `${cut} of ${bytes.length} bytes cut`);
      }
    });
  }

  it('also where the cut falls on the end of the picture inside the picture', async () => {
    const { bytes } = samples['JPEG with restart markers and an embedded thumbnail']!;
    const at = bytes.indexOf(Buffer.from([0xff, 0xd9]));
    assert.ok(at < bytes.length - 2);
    assert.equal(await isWhole(bytes.subarray(0, at + 2)), false);
  });

  it('also where the cut falls between two boxes of a video', async () => {
    for (const name of ['MP4, its index first', 'MP4, its index last']) {
      const { bytes } = samples[name]!;
      for (const type of ['moov', 'mdat']) {
        const cut = bytes.subarray(0, bytes.indexOf(type) - 4);
        assert.equal(await isWhole(cut), false, `${name} before ${type}`);
      }
    }
  });

  it('also where the last byte that is left looks like a trailer', async () => {
    const { bytes } = samples['animated GIF']!;
    let found = 0;
    for (let at = 100; at < bytes.length - 1; at += 1) {
      if (bytes[at] !== 0x3b) continue;
      found += 1;
      assert.equal(await isWhole(bytes.subarray(0, at + 1)), false);
    }
    assert.ok(found > 0);
  });
});

it('a format that does not say where it ends is not refused: bare JPEG XL', () => {
  assert.equal(detectFormat(padded(hex('ff0a')))?.whole, undefined);
});

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(magicBytes)]);
it('every extension that a detector gives is in the list that a second run looks for', () => {
  const heads = [
    ...Object.values(samples).map(({ bytes }) => bytes),
    padded(hex('ff0a')),
    ...['qt  ', 'heic', 'mif1', 'msf1', 'avis', 'hevc', 'isom', 'M4V '].map(brand),
    padded(Buffer.from('RIFF\0\0\0\0AVI ', 'latin1')),
    padded(hex('0000000c 4a584c20')),
    padded(hex('0000000c 6a502020')),
  ];
  const given = new Set(heads.map((head) => detectFormat(head)?.ext));
  assert.deepEqual([...given].sort(), [...formatExtensions].sort());
});

it('a name is told from the bytes: text that begins like a picture is none', () => {
  const texts = [
    'BMW is a company that builds cars, and has done so for a hundred years, by and large.',
    'GIF',
    'RIFF',
  ];
  for (const text of texts) assert.equal(detectFormat(Buffer.from(text)), undefined, text);
});
