import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import sharp, { type Exif } from 'sharp';
import { readExif } from '../../src/image/exif.ts';
import { exifTags } from '../../src/image/exif-tags.ts';
import { carryOut } from '../../src/image/picture-task.ts';
import { exifBlock, fractions, long, raw, short, text } from './exif-blocks.ts';
import { segment, withSegments } from './metadata-blocks.ts';
import { asIs } from './stages.ts';

async function exifOf(exif: Exif): Promise<Buffer> {
  const canvas = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
  return (await sharp(await canvas.withExif(exif).jpeg().toBuffer()).metadata()).exif!;
}

/** A block of one directory of one entry, big-endian, with what lies behind it. */
function block(tag: number, type: number, count: number, value: number, behind = ''): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.write('MM\0*', 'latin1');
  bytes.writeUInt32BE(8, 4);
  bytes.writeUInt16BE(1, 8);
  bytes.writeUInt16BE(tag, 10);
  bytes.writeUInt16BE(type, 12);
  bytes.writeUInt32BE(count, 14);
  bytes.writeUInt32BE(value, 18);
  return Buffer.concat([bytes, Buffer.from(behind, 'latin1')]);
}

describe('EXIF is read as data', () => {
  it('texts, numbers, fractions and positions', async () => {
    const exif = await exifOf({
      IFD0: { Make: 'Kamera', Model: 'Modell 1', Copyright: 'N. N.' },
      IFD2: { ExposureTime: '1/250', FNumber: '28/10', DateTimeOriginal: '2020:01:02 03:04:05' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
    });
    const read = readExif(exif);
    assert.equal(read.Make, 'Kamera');
    assert.equal(read.Model, 'Modell 1');
    assert.equal(read.ExposureTime, 0.004);
    assert.equal(read.FNumber, 2.8);
    assert.equal(read.DateTimeOriginal, '2020:01:02 03:04:05');
    assert.equal(read.GPSLatitudeRef, 'N');
    assert.deepEqual(read.GPSLatitude, [51, 30, 32.3]);
    assert.equal(read.ExifVersion, '0210');
  });

  it('a division by nothing, a value outside, an unknown type are left out', () => {
    assert.deepEqual(readExif(block(0x011a, 5, 1, 26, '\0\0\0\x01\0\0\0\0')), {});
    assert.deepEqual(readExif(block(0x010f, 2, 100, 26, 'abc')), {});
    assert.deepEqual(readExif(block(0x010f, 2, 0xffffffff, 0)), {});
    assert.deepEqual(readExif(block(0x0112, 77, 1, 6 << 16)), {});
    assert.deepEqual(readExif(block(0x0112, 3, 1, 6 << 16)), { Orientation: 6 });
  });

  it('control characters do not come out; what is no UTF-8 is Latin-1', () => {
    assert.deepEqual(readExif(block(0x010f, 2, 8, 26, 'a\x1b[1m\n\xe9\0')), { Make: 'a [1m é' });
    assert.deepEqual(readExif(block(0x010f, 2, 7, 26, 'Gr\xc3\xb6\xc3\x9fe')), { Make: 'Größe' });
  });

  it('a directory that names itself ends', () => {
    assert.deepEqual(readExif(block(0x8769, 4, 1, 8)), {});
  });

  for (const isLittle of [true, false]) {
    it(`of either byte order, with positions and signs: ${isLittle ? 'little' : 'big'}-endian`, () => {
      const block = exifBlock(
        {
          image: [short(0x0112, 8), fractions(0x011a, 300, 1), raw(0xc4a5, Buffer.alloc(500, 'PrintIM'))],
          photo: [
            fractions(0x829a, 1, 250),
            fractions(0x9204, -2, 3),
            {
              tag: 0x9203,
              type: 11,
              count: 1,
              bytes: () => Buffer.from(isLittle ? [0, 0, 0, 128] : [128, 0, 0, 0]),
            },
            raw(0x927c, Buffer.alloc(60_000, 'Nikon\0')),
          ],
          position: [
            text(0x0001, 'S\0'),
            fractions(0x0002, 33, 1, 51, 1, 35_904, 1000),
            raw(0x001b, 'ASCII\0\0\0GPS'),
            fractions(0x0006, 77, 0),
          ],
        },
        isLittle,
      );
      assert.deepEqual(readExif(block), {
        Orientation: 8,
        XResolution: 300,
        ExposureTime: 0.004,
        ExposureBiasValue: -0.666666666667,
        BrightnessValue: 0,
        GPSLatitudeRef: 'S',
        GPSLatitude: [33, 51, 35.904],
        GPSProcessingMethod: 'GPS',
      });
    });

    it(`comments of all codes: ${isLittle ? 'little' : 'big'}-endian`, () => {
      const commentOf = (value: string | Buffer) =>
        readExif(exifBlock({ image: [], photo: [raw(0x9286, value)] }, isLittle)).UserComment;
      const utf16 = (words: string, isMarked: boolean, little: boolean) => {
        const own = Buffer.from(`${isMarked ? '\ufeff' : ''}${words}\0 rest`, 'utf16le');
        return Buffer.concat([Buffer.from('UNICODE\0'), little ? own : own.swap16()]);
      };
      assert.equal(commentOf('ASCII\0\0\0plain   '), 'plain');
      assert.equal(commentOf('\0\0\0\0\0\0\0\0of no code'), 'of no code');
      assert.equal(commentOf(utf16('Größe 大 😀', false, isLittle)), 'Größe 大 😀');
      assert.equal(commentOf(utf16('Größe', true, true)), 'Größe');
      assert.equal(commentOf(utf16('Größe', true, false)), 'Größe');
      const half = commentOf(
        Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from([0xd8, 0xd8, 7])]),
      ) as string;
      assert.ok(half.isWellFormed());
      assert.equal(commentOf('JIS\0\0\0\0\0\x1b$B'), undefined);
      assert.equal(commentOf('ASCII\0\0\0      '), undefined);
      assert.equal(commentOf('ASC'), undefined);
    });
  }

  it('a long text is cut between its characters, not taken for another encoding', () => {
    for (const before of ['', 'a', 'ab']) {
      const words = Buffer.from(before + '大'.repeat(2000));
      const { ImageDescription: found } = readExif(exifBlock({ image: [text(0x010e, words)] }));
      assert.match(found as string, /^a?b?大{600,700}$/);
    }
  });

  it('however much there is in 64 KB, little is kept', () => {
    const all = Object.keys(exifTags.image).concat(
      Object.keys(exifTags.photo),
      Object.keys(exifTags.position),
    );
    const words = [...new Set(all)].map(Number);
    // Every field of every directory is the same long text.
    const long = 'x\u00e9"'.repeat(20_000);
    const whole = exifBlock({ image: [short(0x0112, 6), text(0x010e, long)] }, true);
    const at = whole.indexOf('x\u00e9"', 'latin1');
    const place = { bytes: () => whole.subarray(0, 0), type: 2, count: 60_000 - at };
    const entries = words.map((tag) => ({ ...place, tag }));
    const one = exifBlock({ image: entries, photo: entries, position: entries }, true);
    const bytes = Buffer.concat([one, Buffer.alloc(65_536 - one.length, long, 'latin1')]);
    for (let entry = 10; entry < one.length - 12; entry += 12) {
      if (bytes.readUInt32LE(entry + 4) === place.count) bytes.writeUInt32LE(one.length, entry + 8);
    }
    const found = readExif(bytes);
    assert.ok(Object.keys(found).length >= 3);
    assert.ok(JSON.stringify(found).length <= 17_000, `${JSON.stringify(found).length}`);
  });

  it('directories that name each other, and a thumbnail that is behind itself', () => {
    assert.deepEqual(
      readExif(exifBlock({ image: [long(0x8769, 8), long(0x8825, 8), short(0x0112, 3)], next: 8 })),
      {
        Orientation: 3,
      },
    );
    const many = Array.from({ length: 256 }, () => long(0x8769, 8));
    assert.deepEqual(readExif(exifBlock({ image: many })), {});
  });

  it('odd blocks are kept in a picture that is written anew, or left out, and it is not corrupt', async () => {
    const plain = await sharp({ create: { width: 99, height: 99, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const note = raw(0x927c, Buffer.alloc(60_000, 'Nikon\0'));
    const whole = exifBlock({ image: [short(0x0112, 6), text(0x010f, 'Kamera\0')], photo: [note] });
    for (const odd of [
      whole,
      whole.subarray(0, 200),
      whole.subarray(0, 20),
      whole.subarray(0, 9),
      exifBlock({ image: [short(0x0112, 6), long(0x8769, 8)], next: 8 }),
      exifBlock({ image: [short(0x0112, 77), text(0x010f, '\xff\xfe\xe9\xe8')], next: 0xfffffff0 }),
      exifBlock({ image: [{ ...note, count: 0xffffffff }] }, true),
      Buffer.alloc(65_000, 'II*\0'),
    ]) {
      const bytes = withSegments(plain, segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), odd])));
      const answer = await carryOut(bytes, { check: true, stage: { ...asIs, resize: 50 }, svg: false });
      assert.equal(answer.state, 'whole', JSON.stringify(answer));
      const stripped = await carryOut(bytes, {
        check: true,
        stage: { ...asIs, stripMetadata: true },
        svg: false,
      });
      assert.equal(stripped.state, 'whole', JSON.stringify(stripped));
    }
  });

  it('whatever the bytes are, nothing is thrown, and what comes of it is JSON', async () => {
    const whole = await exifOf({ IFD0: { Make: 'Kamera' }, IFD2: { FNumber: '28/10' } });
    const flip = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 12 }), fc.nat(whole.length), (flips, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const { at, to } of flips) if (at < length) bytes[at] = to;
        const read = readExif(bytes);
        assert.deepEqual(JSON.parse(JSON.stringify(read)), { ...read });
      }),
      { numRuns: 3000 },
    );
  });
});
