import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp, { type Metadata } from 'sharp';
import type { PictureFormat, StageSpec } from '../../src/core/stage.ts';
import { type Target, targetOf, writeAs } from '../../src/image/target-format.ts';

const asIs: StageSpec = {
  ...{ resize: null, resizeMode: 'keep_ratio_largest', onlyIfBigger: false, format: 'keep', quality: null },
  ...{ stripMetadata: false, frames: 'all', phash: false, blurhash: false },
};

const target = (head: Pick<Metadata, 'format' | 'pages'>, stage: Partial<StageSpec> = {}): Target =>
  targetOf(head as Metadata, { ...asIs, ...stage }, Buffer.alloc(0));

const brief = ({ ext, frames, isOther }: Target) => `${ext} ${frames} ${isOther ? 'other' : 'own'}`;

const written: Exclude<PictureFormat, 'keep'>[] = ['jpg', 'png', 'webp', 'avif'];

describe('the format that a picture is written in', () => {
  it('is its own, where it can be written; a drawing becomes a PNG', () => {
    const own = {
      ...{ jpeg: 'jpg', png: 'png', webp: 'webp', gif: 'gif', tiff: 'tif', heif: 'avif' },
    } as const;
    for (const [format, ext] of Object.entries(own)) {
      assert.equal(brief(target({ format: format as 'jpeg' })), `${ext} 1 own`, format);
    }
    assert.equal(target({ format: 'svg' }).ext, 'png');
  });

  it('is the one that was asked for, and another one where it is not its own', () => {
    for (const format of written) {
      const own = ({ jpg: 'jpeg', png: 'png', webp: 'webp', avif: 'heif' } as const)[format];
      assert.equal(brief(target({ format: own }, { format })), `${format} 1 own`);
      assert.equal(brief(target({ format: 'tiff' }, { format })), `${format} 1 other`);
    }
  });

  it('has all frames where it can have them and they are wanted, else the first', () => {
    const moving = { format: 'gif', pages: 5 } as const;
    assert.equal(brief(target(moving)), 'gif 5 own');
    assert.equal(brief(target(moving, { frames: 'first' })), 'gif 1 other');
    assert.equal(brief(target(moving, { format: 'webp' })), 'webp 5 other');
    assert.equal(brief(target({ format: 'webp', pages: 5 })), 'webp 5 own');
    assert.equal(brief(target(moving, { format: 'png' })), 'png 1 other');
    assert.equal(brief(target({ format: 'gif' }, { frames: 'first' })), 'gif 1 own');
  });

  it('has the first of the pages of what does not move', () => {
    for (const format of ['tiff', 'heif'] as const) {
      const { frames, isOther } = target({ format, pages: 5 });
      assert.deepEqual([frames, isOther], [1, false]);
    }
    assert.equal(brief(target({ format: 'tiff', pages: 5 }, { format: 'webp' })), 'webp 1 other');
  });

  it('of a drawing is none where nothing is asked for that takes pixels', () => {
    const drawing = { format: 'svg' } as const;
    assert.equal(target(drawing).isOther, false);
    assert.equal(target(drawing, { phash: true, blurhash: true }).isOther, false);
    for (const stage of [{ resize: 9 }, { format: 'png' }, { stripMetadata: true }] as const) {
      assert.equal(target(drawing, stage).isOther, true, JSON.stringify(stage));
    }
  });
});

const noise = (width: number, height: number) =>
  sharp({
    create: {
      ...{ width, height, channels: 3, background: 'white' },
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });

describe('what is written', () => {
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff'] as const) {
    it(`is a ${format}, by its type, and clear where it says so`, async () => {
      const wanted = target({ format });
      const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: '#ff000000' } });
      const bytes = await writeAs(clear, wanted, null).toBuffer();
      const head = await sharp(bytes).metadata();
      assert.equal(head.format, format);
      assert.equal(wanted.mime, `image/${format === 'heif' ? 'avif' : format}`);
      assert.equal(head.hasAlpha, wanted.hasAlpha);
    });
  }

  for (const format of ['jpg', 'webp', 'avif'] as const) {
    it(`as ${format} is smaller, the less quality is asked for`, async () => {
      const [picture, wanted] = [await noise(64, 64).png().toBuffer(), target({ format: 'png' }, { format })];
      const sizes = [];
      for (const quality of [10, null, 100]) {
        sizes.push((await writeAs(sharp(picture), wanted, quality).toBuffer()).length);
      }
      assert.ok(sizes[0]! < sizes[1]! && sizes[1]! < sizes[2]!, sizes.join(' '));
    });
  }

  it('as TIFF loses nothing', async () => {
    const picture = await noise(64, 64).raw().toBuffer({ resolveWithObject: true });
    const bytes = await writeAs(
      sharp(picture.data, { raw: picture.info }),
      target({ format: 'tiff' }),
      null,
    ).toBuffer();
    assert.deepEqual(await sharp(bytes).raw().toBuffer(), picture.data);
  });

  for (const format of ['jpeg', 'webp', 'gif', 'heif'] as const) {
    it(`as ${format} has sides as long as the library takes them, and no longer`, async () => {
      const wanted = target({ format });
      const line = (width: number) =>
        writeAs(
          sharp({ create: { width, height: 1, channels: 3, background: 'red' } }),
          wanted,
          null,
        ).toBuffer();
      assert.equal((await sharp(await line(wanted.mostSide)).metadata()).width, wanted.mostSide);
      await assert.rejects(line(wanted.mostSide + 1));
    });
  }
});
