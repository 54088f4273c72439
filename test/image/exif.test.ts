import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import sharp, { type Exif } from 'sharp';
import { readExif } from '../../src/image/exif.ts';

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
