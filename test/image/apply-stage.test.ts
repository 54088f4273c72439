import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import type { StageSpec } from '../../src/core/stage.ts';
import { blurhashOf } from '../../src/image/blurhash.ts';
import { hammingDistance } from '../../src/image/phash.ts';
import type { Made, NewFile, PictureAnswer } from '../../src/image/picture-messages.ts';
import { PicturePool } from '../../src/image/picture-pool.ts';
import { makePictures as makeScenes } from '../../src/origin/pictures.ts';
import { flipped, hugeGif, hugePng, hugeWebp, makePictures, type PictureName } from './pictures.ts';
import { asIs } from './stages.ts';

let pool: PicturePool;
let pictures: Record<PictureName, Buffer>;
before(async () => {
  pool = new PicturePool({ processes: 2 });
  pictures = await makePictures();
});
after(() => pool.stop());

function ask(
  bytes: Buffer,
  stage: Partial<StageSpec>,
  { check = false, svg = false } = {},
): Promise<PictureAnswer> {
  const picture = { size: bytes.length, whole: () => bytes };
  return pool.carryOut(picture, { check, stage: { ...asIs, ...stage }, svg });
}

async function madeOf(bytes: Buffer, stage: Partial<StageSpec>, more = {}): Promise<Made> {
  const answer = await ask(bytes, stage, more);
  assert.equal(answer.state, 'whole', JSON.stringify(answer));
  return (answer as { made: Made }).made;
}

/** What was written, which says of itself what its bytes are. */
async function fileOf(bytes: Buffer, stage: Partial<StageSpec>, more = {}): Promise<NewFile> {
  const { file } = await madeOf(bytes, stage, more);
  assert.ok(file !== null, 'the bytes were kept');
  const { format, width, height, pageHeight } = await sharp(file.bytes, { pages: 1 }).metadata();
  assert.deepEqual(
    [file.mime, file.width, file.height],
    [`image/${format === 'heif' ? 'avif' : format}`, width, pageHeight ?? height],
  );
  return file;
}

async function faultOf(bytes: Buffer, stage: Partial<StageSpec>, more = {}): Promise<string> {
  const answer = await ask(bytes, stage, more);
  assert.ok(answer.state !== 'whole');
  assert.match(answer.reason, /^[^\n/]{5,200}$/);
  return answer.state;
}

const rgb = (picture: Sharp): Promise<Buffer> =>
  picture.flatten({ background: 'white' }).toColourspace('srgb').raw().toBuffer();

/** Mean difference of all colours of two pictures of one size, 0 to 255. */
async function difference(one: Sharp, other: Sharp): Promise<number> {
  const [a, b] = [await rgb(one), await rgb(other)];
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
}

/** Something smooth, so that no two of its corners are alike: 400 x 200. */
const slope = (channels: 3 | 4 = 3): Sharp => {
  const [width, height] = [400, 200];
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    pixels.set([x * 0.6, y * 1.2, 255 - x * 0.6, x < 200 ? 255 : 64].slice(0, channels), at * channels);
  }
  return sharp(pixels, { raw: { width, height, channels } });
};

describe('kinds of pictures', () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`EXIF orientation ${orientation}: turned, its size as it is shown, and no longer said to be turned`, async () => {
      const jpeg = await slope().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      const upright = await sharp(jpeg).autoOrient().png().toBuffer();
      const { width, height } = await sharp(upright).metadata();
      const made = await madeOf(jpeg, { resize: 100 });
      assert.deepEqual([made.width, made.height, made.exif?.Orientation], [width, height, orientation]);
      const file = await fileOf(jpeg, { resize: 100 });
      assert.deepEqual([file.width, file.height], orientation < 5 ? [100, 50] : [50, 100]);
      assert.equal((await sharp(file.bytes).metadata()).orientation ?? 1, 1);
      const wanted = sharp(await sharp(upright).resize(file.width, file.height).png().toBuffer());
      assert.ok((await difference(sharp(file.bytes), wanted)) < 3);
    });
  }

  it('CMYK, 16 bit, progressive, interlaced, of all formats: the same picture in sRGB', async () => {
    const kinds = [
      'jpeg',
      'progressive',
      'cmyk',
      'png',
      'interlaced',
      'deep',
      'gif',
      'webp',
      'avif',
      'tiff',
      'lzw',
    ];
    for (const name of kinds as PictureName[]) {
      const file = await fileOf(pictures[name], { resize: 80, format: 'png' });
      assert.deepEqual([file.width, file.height, file.ext], [80, 60, 'png']);
      const { space, depth, hasProfile } = await sharp(file.bytes).metadata();
      assert.deepEqual([space, depth, hasProfile], ['srgb', 'uchar', false], name);
      const wanted = sharp(await sharp(pictures.png).resize(80, 60).png().toBuffer());
      // CMYK of the test has no profile: its colours are a guess.
      assert.ok((await difference(sharp(file.bytes), wanted)) < (name === 'cmyk' ? 30 : 12), name);
    }
  });

  it('kept formats stay what they are', async () => {
    const kinds = {
      jpeg: 'jpg',
      png: 'png',
      gif: 'gif',
      webp: 'webp',
      avif: 'avif',
      tiff: 'tif',
      pages: 'tif',
    };
    for (const [name, ext] of Object.entries(kinds)) {
      const file = await fileOf(pictures[name as PictureName], { resize: 64 });
      assert.deepEqual([file.ext, file.width, file.height], [ext, 64, 48]);
    }
  });

  it('grey, and grey with transparency', async () => {
    const grey = await slope().greyscale().png().toBuffer();
    const greyAlpha = await slope(4).toColourspace('b-w').png().toBuffer();
    assert.equal((await sharp(greyAlpha).metadata()).channels, 2);
    for (const bytes of [grey, greyAlpha]) {
      const file = await fileOf(bytes, { resize: 100, format: 'jpg', phash: true });
      const wanted = sharp(
        await sharp(bytes).flatten({ background: 'white' }).resize(100, 50).png().toBuffer(),
      );
      assert.ok((await difference(sharp(file.bytes), wanted)) < 3);
    }
  });

  it('transparency becomes white in a JPEG, and stays in PNG, WebP and AVIF', async () => {
    const bytes = await slope(4).png().toBuffer();
    const jpeg = await fileOf(bytes, { resize: 100, format: 'jpg' });
    const white = sharp(await slope(4).flatten({ background: 'white' }).resize(100, 50).png().toBuffer());
    assert.ok((await difference(sharp(jpeg.bytes), white)) < 4);
    for (const format of ['png', 'webp', 'avif'] as const) {
      const file = await fileOf(bytes, { resize: 100, format });
      const alpha = await sharp(file.bytes).extractChannel('alpha').raw().toBuffer();
      assert.ok(Math.abs(alpha[90]! - 64) < 4, format);
    }
  });

  it('a profile of colour is applied, and not kept', async () => {
    const p3 = await slope().withIccProfile('p3').png().toBuffer();
    const file = await fileOf(p3, { resize: 100 });
    assert.equal((await sharp(file.bytes).metadata()).icc, undefined);
    const wanted = sharp(await slope().resize(100, 50).png().toBuffer());
    assert.ok((await difference(sharp(file.bytes), wanted)) < 2);
  });

  it('a GIF and a WebP that move go on moving, at their pace, also from one to the other', async () => {
    for (const name of ['animatedGif', 'animatedWebp'] as const) {
      for (const format of ['keep', 'webp'] as const) {
        for (const resizeMode of ['keep_ratio_largest', 'border', 'center_crop'] as const) {
          const file = await fileOf(pictures[name], { resize: 48, format, resizeMode });
          const { pages, delay } = await sharp(file.bytes, { pages: -1 }).metadata();
          assert.deepEqual([pages, delay], [3, [100, 100, 100]]);
        }
      }
    }
  });

  it('one that moves becomes its first frame where that is asked for, or the format has no more', async () => {
    for (const stage of [{ frames: 'first' }, { format: 'jpg' }, { format: 'avif' }] as const) {
      for (const resize of [null, 48]) {
        const file = await fileOf(pictures.animatedGif, { ...stage, resize });
        assert.equal((await sharp(file.bytes).metadata()).pages ?? 1, 1);
        const frame = async (page: number) =>
          sharp(await sharp(pictures.animatedGif, { page }).resize(resize).png().toBuffer());
        const [first, last] = [await frame(0), await frame(2)];
        const mean = await difference(sharp(file.bytes), first);
        assert.ok(mean < 16 && mean < (await difference(sharp(file.bytes), last)) / 1.5, `${mean}`);
      }
    }
  });
});

describe('sizes and places', () => {
  it('border: the picture in the middle of white', async () => {
    const file = await fileOf(await slope().png().toBuffer(), { resize: 100, resizeMode: 'border' });
    assert.deepEqual([file.width, file.height], [100, 100]);
    const wanted = await slope()
      .resize(100, 50)
      .extend({ top: 25, bottom: 25, background: 'white' })
      .png()
      .toBuffer();
    assert.ok((await difference(sharp(file.bytes), sharp(wanted))) < 0.5);
  });

  it('center_crop: the middle square, larger or smaller than it was', async () => {
    for (const side of [50, 300]) {
      const file = await fileOf(await slope().png().toBuffer(), { resize: side, resizeMode: 'center_crop' });
      const wanted = await slope().resize(side, side, { fit: 'cover' }).png().toBuffer();
      assert.ok((await difference(sharp(file.bytes), sharp(wanted))) < 0.5);
    }
  });

  it('what is written has every size that was computed, however odd', async () => {
    for (const resize of [1, 2, 33, 127, 399, 401]) {
      for (const format of ['keep', 'webp'] as const) {
        const file = await fileOf(pictures.jpeg, { resize, format, resizeMode: 'keep_ratio' });
        assert.equal(Math.min(file.width, file.height), resize);
      }
    }
  });
});

describe('what is kept', () => {
  it('a picture that needs no change keeps its bytes', async () => {
    for (const stage of [
      { resize: 320 },
      { resize: 500, onlyIfBigger: true },
      { format: 'jpg' },
      { stripMetadata: true },
      { frames: 'first' },
      { phash: true, blurhash: true },
    ] as const) {
      const { file, width, height } = await madeOf(pictures.jpeg, stage);
      assert.deepEqual([file, width, height], [null, 320, 240], JSON.stringify(stage));
    }
    assert.equal((await madeOf(pictures.animatedGif, { resize: 320 })).file, null);
  });

  it('EXIF stays in the file, unless it is stripped, and is data in either case', async () => {
    const canvas = slope().withExif({ IFD0: { Make: 'Kamera' }, IFD2: { FNumber: '28/10' } });
    for (const bytes of [await canvas.clone().jpeg().toBuffer(), await canvas.clone().webp().toBuffer()]) {
      for (const format of ['keep', 'png', 'webp', 'avif', 'jpg'] as const) {
        for (const stripMetadata of [false, true]) {
          const made = await madeOf(bytes, { resize: 300, format, stripMetadata, phash: true });
          assert.deepEqual([made.exif?.Make, made.exif?.FNumber], ['Kamera', 2.8]);
          const { exif } = await sharp(made.file!.bytes).metadata();
          assert.equal(exif?.includes('Kamera') ?? false, !stripMetadata, format);
        }
      }
    }
    assert.notEqual((await madeOf(await canvas.jpeg().toBuffer(), { stripMetadata: true })).file, null);
  });

  it('a quality is heeded', async () => {
    for (const format of ['jpg', 'webp', 'avif'] as const) {
      const [low, usual, high] = await Promise.all(
        [10, null, 100].map((quality) => fileOf(pictures.png, { format, quality })),
      );
      assert.ok(low!.bytes.length < usual!.bytes.length && usual!.bytes.length < high!.bytes.length);
    }
  });

  it('the same bytes in give the same bytes out, whatever else is asked for', async () => {
    for (const name of ['jpeg', 'png', 'animatedGif', 'webp', 'avif', 'tiff'] as const) {
      const stage = { resize: 160, resizeMode: 'center_crop' } as const;
      const first = await fileOf(pictures[name], stage);
      assert.deepEqual(await fileOf(pictures[name], stage), first);
      assert.deepEqual(await fileOf(pictures[name], { ...stage, phash: true, blurhash: true }), first, name);
    }
  });
});

describe('what is found', () => {
  it('the perceptual hash hardly depends on what is made beside', async () => {
    const [picture] = await makeScenes({ images: 1, seed: 5, bytes: 60_000, kinds: ['jpeg'] });
    const jpeg = picture!.body.read(0, picture!.body.length);
    const alone = await madeOf(jpeg, { phash: true });
    assert.match(alone.phash!, /^[0-9a-f]{16}$/);
    for (const resize of [50, 150, 300, 800]) {
      for (const resizeMode of ['keep_ratio_largest', 'border', 'center_crop'] as const) {
        const made = await madeOf(jpeg, { resize, resizeMode, phash: true });
        assert.ok(hammingDistance(made.phash!, alone.phash!) <= 4, `${resize} ${resizeMode}`);
      }
    }
  });

  it('a BlurHash is made of its small pixels, and is about that of the whole picture', async () => {
    const { encode, decode, isBlurhashValid } = await import('blurhash');
    const made = await madeOf(await slope().png().toBuffer(), { blurhash: true });
    const hash = await blurhashOf(made.small!);
    assert.equal(isBlurhashValid(hash).result, true);
    const whole = encode(new Uint8ClampedArray(await slope().ensureAlpha().raw().toBuffer()), 400, 200, 4, 3);
    const [one, other] = [decode(hash, 20, 10), decode(whole, 20, 10)];
    const mean = one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length;
    assert.ok(mean < 8, `${mean}`);
  });

  it('without being asked for, neither is there', async () => {
    assert.deepEqual(Object.keys(await madeOf(pictures.jpeg, { resize: 100 })).sort(), [
      'file',
      'height',
      'width',
    ]);
  });
});

describe('what cannot be', () => {
  it('broken and truncated pictures are corrupt, also where they would keep their bytes', async () => {
    const whole = ['jpeg', 'png', 'gif', 'webp', 'avif', 'lzw', 'animatedWebp'] as const;
    for (const name of whole) {
      const bytes = pictures[name].subarray(0, pictures[name].length * 0.6);
      for (const stage of [{ resize: 100 }, { resize: 320 }, { format: 'png', resize: 64 }] as const) {
        assert.equal(await faultOf(bytes, stage), 'corrupt', name);
      }
    }
    assert.equal(await faultOf(flipped(pictures.png, 0.5), { resize: 100 }), 'corrupt');
    assert.equal(await faultOf(Buffer.from('<html>not a picture</html>'), { resize: 100 }), 'corrupt');
  });

  it('a check finds what the stage would not see, in the same trip', async () => {
    const bytes = Buffer.from(pictures.pages);
    bytes.fill(0xff, pictures.tiff.length + 8, pictures.tiff.length + 300);
    const first = { resize: 100, frames: 'first' } as const;
    assert.equal((await ask(bytes, first)).state, 'whole');
    assert.equal(await faultOf(bytes, first, { check: true }), 'corrupt');
    assert.equal(await faultOf(bytes, { resize: 100 }), 'corrupt');
    assert.equal((await fileOf(pictures.pages, { resize: 64 }, { check: true })).width, 64);
  });

  it('too many pixels: read, or to be written, or of all frames', async () => {
    assert.equal(await faultOf(hugePng(30_000), { resize: 100 }), 'too-many-pixels');
    assert.equal(await faultOf(hugePng(30_000), { phash: true }), 'too-many-pixels');
    assert.equal(await faultOf(hugeGif(10_001), { resize: 1 }), 'too-many-pixels');
    assert.equal(await faultOf(hugeWebp(pictures.animatedWebp), { resize: 100 }), 'too-many-pixels');
    const thread = await sharp({ create: { width: 2000, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const wide = { resize: 1000, resizeMode: 'keep_ratio' } as const;
    assert.equal(await faultOf(thread, wide), 'too-many-pixels');
    assert.equal(await faultOf(thread, { ...wide, resize: 10, format: 'webp' }), 'too-many-pixels');
    assert.equal((await fileOf(thread, { ...wide, resize: 10, format: 'jpg' })).width, 20_000);
  });
});

describe('SVG', () => {
  const svg = (inside: string) =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">${inside}</svg>`,
    );
  const red = svg('<rect width="40" height="20" fill="red"/>');

  it('is refused where it was not asked for, also after one that was', async () => {
    assert.equal(await faultOf(red, { resize: 100 }), 'corrupt');
    await fileOf(red, { resize: 100 }, { svg: true });
    for (let twice = 0; twice < 2; twice += 1) assert.equal(await faultOf(red, { resize: 100 }), 'corrupt');
  });

  it('asked for, it is drawn at the new size, as a PNG where it cannot be kept', async () => {
    const edge = svg(
      '<rect width="20" height="20" fill="black"/><rect x="20" width="20" height="20" fill="white"/>',
    );
    const file = await fileOf(edge, { resize: 400 }, { svg: true });
    assert.deepEqual([file.ext, file.width, file.height], ['png', 400, 200]);
    // Drawn large, not drawn small and blown up.
    const row = await sharp(file.bytes)
      .extract({ left: 190, top: 100, width: 20, height: 1 })
      .greyscale()
      .raw()
      .toBuffer();
    assert.ok(row.filter((grey) => grey > 10 && grey < 245).length <= 2, row.join(' '));
    assert.equal((await fileOf(red, { format: 'jpg' }, { svg: true })).ext, 'jpg');
  });

  it('nothing else is read for it: neither files, nor entities, nor addresses', async () => {
    const path = new URL('../../package.json', import.meta.url).pathname;
    for (const bytes of [
      svg(`<image xlink:href="file://${path}" width="40" height="20"/>`),
      svg('<image xlink:href="http://127.0.0.1:1/x.png" width="40" height="20"/>'),
      svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://${path}" parse="text"/>`),
    ]) {
      const file = await fileOf(bytes, { format: 'png' }, { svg: true });
      const { channels } = await sharp(file.bytes).stats();
      assert.ok(
        channels.every(({ max }) => max === 0),
        'nothing is drawn',
      );
    }
  });

  it('a small text that says it is huge, or unfolds without end, is one failed picture', async () => {
    const huge = Buffer.from(
      red.toString().replace('width="40" height="20"', 'width="30000" height="30000"'),
    );
    assert.equal(await faultOf(huge, { resize: 100 }, { svg: true }), 'too-many-pixels');
    const names = [...'abcdefghij'];
    const entities = names
      .map((name, at) => `<!ENTITY ${name} "${at === 0 ? 'lol' : `&${names[at - 1]};`.repeat(10)}">`)
      .join('');
    const bomb = Buffer.from(`<!DOCTYPE svg [${entities}]>${svg('<text>&j;</text>')}`);
    assert.equal(await faultOf(bomb, { resize: 100 }, { svg: true }), 'corrupt');
  });
});
