import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { detectFormat } from '../../src/download/formats.ts';
import { bodyOf, box, brand, ebmlHead, hex } from '../support/handmade-files.ts';

it('whatever follows a known beginning, the walk ends, in bounded time and without an error', async () => {
  const beginnings = [
    ...[
      'ffd8ff',
      'ffd8ffe00010',
      '89504e470d0a1a0a',
      '474946383961 0a000a00 800000',
      '524946460000000057454250',
    ],
    ...['00000018 66747970 61766966', '00000010 66747970 69736f6d', '0000000c4a584c20', '0000000c6a502020'],
    ...['49492a0008000000 0200 1101', '4d4d002a00000008 0001 0111', '49492b0008000000 10000000 00000000'],
    ...['424d00100000 00000000 36000000 28000000', '000001000200', '1a45dfa380', '1a45dfa380 18538067'],
  ].map(hex);
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...['ff', 'ffd9', 'ff00', 'ffda0002', 'fffe0002', '00000008 6d646174', '21fe00', '2c', '3b'].map(hex),
      ),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...beginnings), pieces, async (beginning, rest) => {
      const bytes = Buffer.concat([beginning, ...rest]);
      const format = detectFormat(bytes.subarray(0, 16 * 1024));
      return format === undefined || typeof (await format.whole!(bodyOf(bytes))) === 'boolean';
    }),
    { numRuns: 3000 },
  );
});

/** A TIFF of directories, each with one field, the size of a strip. */
function chained(many: number): Buffer {
  const directories = Buffer.alloc(18 * many, hex('0001 0117 0004 00000001 00000001 00000000'));
  const file = Buffer.concat([hex('4d4d002a 00000008'), directories]);
  for (let at = 8; at + 18 < file.length; at += 18) file.writeUInt32BE(at + 18, at + 14);
  return file;
}

/** A TIFF with a thousand directories that have one large table of places together. */
function crowded(many: number): Buffer {
  const file = chained(1000);
  for (let at = 8; at < file.length; at += 18) {
    file.writeUInt16BE(0x111, at + 2);
    file.writeUInt32BE(many, at + 6);
    file.writeUInt32BE(file.length, at + 10);
  }
  return Buffer.concat([file, Buffer.alloc(4 * many)]);
}

it('a file of millions of tiny parts is given up soon', async () => {
  const many = 2_000_000;
  const files = [
    Buffer.concat([hex('ffd8'), Buffer.alloc(4 * many, hex('fffe0002'))]),
    Buffer.concat([hex('89504e470d0a1a0a'), Buffer.alloc(12 * many, hex('00000000 74455874 00000000'))]),
    Buffer.concat([hex('474946383961 0a000a00 000000'), Buffer.alloc(3 * many, hex('21fe00'))]),
    Buffer.concat([brand('isom'), Buffer.alloc(8 * many, hex('00000008 66726565'))]),
    Buffer.concat([ebmlHead('webm'), Buffer.alloc(2 * many, hex('ec80'))]),
    chained(many),
    crowded(many),
  ];
  for (const bytes of files) {
    let reads = 0;
    const { whole } = detectFormat(bytes)!;
    const { size, read } = bodyOf(bytes);
    const counted = (offset: number, length: number) => {
      reads += 1;
      return read(offset, length);
    };
    assert.equal(await whole!({ size, read: counted }), false);
    assert.ok(reads <= 300_000, `${reads} reads`);
  }
});

it('a box that goes on to where no file can be read ends its file too early', async () => {
  const far = Buffer.concat([
    box('mdat', Buffer.alloc(20)),
    box('moov', Buffer.alloc(20)),
    hex('00000001 66726565 7fffffffffffffff'),
  ]);
  const bytes = Buffer.concat([brand('isom'), far]);
  const { size, read } = bodyOf(bytes);
  const strict = async (offset: number, length: number) => {
    assert.ok(Number.isSafeInteger(offset), `a read from ${offset}, which a file refuses`);
    return await read(offset, length);
  };
  assert.equal(await detectFormat(bytes)!.whole!({ size, read: strict }), false);
});
