import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { detectFormat, formatExtensions, magicBytes } from '../../src/download/formats.ts';

const bodyOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
});

/** Whether the file's own format says that it is all there; null for a beginning that is no format at all. */
async function isWhole(bytes: Buffer): Promise<boolean | null> {
  const format = detectFormat(bytes.subarray(0, 16 * 1024));
  return format === undefined ? null : format.whole!(bodyOf(bytes));
}

const box = (type: string, content: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
};
const brand = (name: string) => box('ftyp', Buffer.from(`${name}\0\0\0\0${name}`, 'latin1'));

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
  ];
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

it('formats that do not say where they end are not refused: webm, mkv, tif, bmp, ico, bare jxl', () => {
  for (const head of openEnded) {
    const format = detectFormat(head);
    assert.ok(format !== undefined && format.whole === undefined, String(format?.ext));
  }
});

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(magicBytes)]);
const openEnded = [
  Buffer.concat([hex('1a45dfa3 9f4286'), Buffer.from('webm'), Buffer.alloc(60)]),
  Buffer.concat([hex('1a45dfa3 9f4286'), Buffer.from('matroska'), Buffer.alloc(60)]),
  padded(hex('49492a00')),
  padded(hex('4d4d002a')),
  padded(Buffer.concat([Buffer.from('BM'), hex('00100000 00000000 36000000 28000000')])),
  padded(hex('00000100 0100')),
  padded(hex('ff0a')),
];

it('every extension that a detector gives is in the list that a second run looks for', () => {
  const heads = [
    ...Object.values(samples).map(({ bytes }) => bytes),
    ...openEnded,
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
      const whole = await isWhole(Buffer.concat([beginning, ...rest]));
      return typeof whole === 'boolean';
    }),
    { numRuns: 3000 },
  );
});

it('a file of millions of tiny parts is given up soon', async () => {
  const many = 2_000_000;
  const files = [
    Buffer.concat([hex('ffd8'), Buffer.alloc(4 * many, hex('fffe0002'))]),
    Buffer.concat([hex('89504e470d0a1a0a'), Buffer.alloc(12 * many, hex('00000000 74455874 00000000'))]),
    Buffer.concat([hex('474946383961 0a000a00 000000'), Buffer.alloc(3 * many, hex('21fe00'))]),
    Buffer.concat([brand('isom'), Buffer.alloc(8 * many, hex('00000008 66726565'))]),
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
