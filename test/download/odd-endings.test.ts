import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { detectFormat, magicBytes } from '../../src/download/formats.ts';
import { bmp, element, ico, tiff, webm } from '../support/handmade-files.ts';

async function isWhole(bytes: Buffer): Promise<boolean> {
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return await detectFormat(bytes.subarray(0, magicBytes))!.whole!({ size: bytes.length, read });
}

const isWholeButForItsLastByte = async (bytes: Buffer) =>
  (await isWhole(bytes)) && !(await isWhole(bytes.subarray(0, -1)));

describe('what programs write wrong is not taken for an end that is missing', () => {
  it('a BMP that says that it is longer than it is, or nothing', async () => {
    for (const statedBytes of [0, 26, 1_000_000]) {
      assert.ok(await isWholeButForItsLastByte(bmp({ statedBytes })), String(statedBytes));
    }
    const runs = bmp({ bits: 8, compression: 1, statedBytes: 1_000_000 });
    assert.ok(await isWholeButForItsLastByte(runs));
    runs.writeUInt32LE(0, 2);
    runs.writeUInt32LE(0, 34);
    assert.equal(await isWhole(runs), true);
  });

  it('a BMP, an icon, a video or a TIFF with something behind it', async () => {
    const behind = Buffer.from('<!-- served by a proxy -->');
    for (const bytes of [bmp(), ico([Buffer.alloc(90, 1)]), webm(), webm('matroska', 4), tiff()]) {
      for (const more of [behind, Buffer.alloc(2), Buffer.alloc(700)]) {
        assert.equal(await isWhole(Buffer.concat([bytes, more])), true);
      }
    }
  });

  it('a TIFF of one uncompressed strip, whose size is any', async () => {
    for (const stripBytes of [1300, 0xffff_fff]) {
      const bytes = tiff({ strips: 1, stripBytes, directoryFirst: true });
      assert.ok((await sharp(bytes, { failOn: 'none' }).raw().toBuffer()).length > 0);
      assert.ok(await isWholeButForItsLastByte(bytes), String(stripBytes));
    }
  });

  it('a TIFF whose directories come back to the first', async () => {
    const bytes = tiff({ pages: 2 });
    bytes.writeUInt32LE(bytes.readUInt32LE(4), bytes.length - 4);
    assert.equal(await isWhole(bytes), true);
  });

  it('a TIFF with values of a type that nobody knows', async () => {
    const bytes = tiff({ directoryFirst: true });
    // The first field: the width is left to the decoder, which does not come here.
    bytes.writeUInt16LE(99, 8 + 2 + 2);
    bytes.writeUInt32LE(0xffff_ffff, 8 + 2 + 8);
    assert.equal(await isWhole(bytes), true);
  });
});

it('a live recording, of no known size, is not refused at any length', async () => {
  const bytes = webm('webm', null);
  const head = bytes.indexOf(Buffer.from('18538067', 'hex')) + 12;
  for (let length = head; length <= bytes.length; length += 1) {
    assert.equal(await isWhole(bytes.subarray(0, length)), true);
  }
  assert.equal(await isWhole(bytes.subarray(0, head - 1)), false);
});

describe('a beginning alone makes no file', () => {
  const text = '<!doctype html><html><body>Not found</body></html>'.repeat(20);
  const beginnings = {
    'TIFF, Intel': Buffer.from('II*\0'),
    'TIFF, Motorola': Buffer.from('MM\0*'),
    'TIFF with a directory of nothing': Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'),
    'TIFF of a width alone': Buffer.from('49492a0008000000010000010300010000000100000000000000', 'hex'),
    BigTIFF: Buffer.from('MM\0+\0\x08\0\0', 'latin1'),
    BMP: bmp().subarray(0, 54),
    icon: Buffer.from([0, 0, 1, 0, 2, 0]),
    'header of a video': element('1a45dfa3', Buffer.from('webm'), 1),
  };
  for (const [name, beginning] of Object.entries(beginnings)) {
    it(name, async () => {
      assert.equal(await isWhole(Buffer.concat([beginning, Buffer.from(text)])), false);
      assert.equal(await isWhole(beginning), false);
    });
  }
});

it('a directory beneath another one is a part of the file', async () => {
  const bytes = tiff({ pages: 2 });
  const firstAt = bytes.readUInt32LE(4);
  const [fields, linkAt] = [bytes.readUInt16LE(firstAt), firstAt + 2 + 8 * 12];
  assert.equal(fields, 8);
  const secondAt = bytes.readUInt32LE(linkAt);
  bytes.writeUInt32LE(0, linkAt);
  assert.equal(await isWhole(bytes.subarray(0, secondAt)), true);
  // In place of the fifth field: SubIFDs, of type LONG.
  Buffer.from('4a01040001000000', 'hex').copy(bytes, firstAt + 2 + 4 * 12);
  bytes.writeUInt32LE(secondAt, firstAt + 2 + 4 * 12 + 8);
  assert.ok(await isWholeButForItsLastByte(bytes));
});

it('a compressed strip that goes on behind the end of its file is a cut', async () => {
  assert.equal(
    await isWhole(tiff({ strips: 1, compression: 8, stripBytes: 1200, directoryFirst: true })),
    true,
  );
  assert.equal(
    await isWhole(tiff({ strips: 1, compression: 8, stripBytes: 1300, directoryFirst: true })),
    false,
  );
  assert.equal(await isWhole(tiff({ strips: 3, stripBytes: 500, directoryFirst: true })), false);
});

it('places that no file has are not read from', async () => {
  const far = [
    Buffer.concat([Buffer.from('49492b0008000000ffffffffffffff7f', 'hex'), Buffer.alloc(90)]),
    Buffer.concat([
      Buffer.from('49492b000800000010000000000000000100000000000000', 'hex'),
      Buffer.alloc(90, 0xff),
    ]),
    Buffer.concat([Buffer.from('1a45dfa380ec01fffffffffffffe', 'hex'), Buffer.alloc(90)]),
  ];
  for (const bytes of far) {
    const read = async (offset: number, length: number) => {
      assert.ok(
        Number.isSafeInteger(offset + length) && offset + length < 1e6,
        `${length} bytes at ${offset}`,
      );
      return bytes.subarray(offset, offset + length);
    };
    assert.equal(await detectFormat(bytes)!.whole!({ size: bytes.length, read }), false);
  }
});
