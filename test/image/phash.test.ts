import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { hammingDistance, phashOf } from '../../src/image/phash.ts';
import { smallPixels, smallSide } from '../../src/image/small-pixels.ts';
import { makePictures, type Picture } from '../../src/origin/pictures.ts';

const hashOf = async (picture: Sharp) => phashOf(await smallPixels(picture), smallSide);

let scenes: Buffer[];
before(async () => {
  const album = await makePictures({ images: 12, seed: 3, bytes: 40_000, kinds: ['jpeg'] });
  scenes = album.map(({ body }: Picture) => body.read(0, body.length));
});

describe('a perceptual hash', () => {
  it('is 64 bits as 16 hex digits, half of them set, and always the same', async () => {
    const hash = await hashOf(sharp(scenes[0]));
    assert.match(hash!, /^[0-9a-f]{16}$/);
    assert.equal(hammingDistance(hash!, '0000000000000000'), 32);
    assert.equal(await hashOf(sharp(scenes[0])), hash);
  });

  it('of a picture that was resized, recompressed, or is of another format is near', async () => {
    for (const scene of scenes) {
      const hash = (await hashOf(sharp(scene)))!;
      const others = await Promise.all([
        sharp(scene).resize(150).png().toBuffer(),
        sharp(scene).jpeg({ quality: 25 }).toBuffer(),
        sharp(scene).resize(300, 300, { fit: 'fill' }).webp({ quality: 50 }).toBuffer(),
        sharp(scene).greyscale().jpeg().toBuffer(),
      ]);
      for (const other of others) {
        const distance = hammingDistance(hash, (await hashOf(sharp(other)))!);
        assert.ok(distance <= 6, `${distance} bits`);
      }
    }
  });

  it('of a picture with a narrow rim cut off is nearer than any other picture', async () => {
    const hashes = await Promise.all(scenes.map(async (scene) => (await hashOf(sharp(scene)))!));
    for (const [index, scene] of scenes.entries()) {
      const { width, height } = await sharp(scene).metadata();
      const rim = Math.round(width * 0.02);
      const area = { left: rim, top: rim, width: width - 2 * rim, height: height - 2 * rim };
      const cut = (await hashOf(sharp(await sharp(scene).extract(area).png().toBuffer())))!;
      const distances = hashes.map((hash) => hammingDistance(hash, cut));
      assert.equal(distances.indexOf(Math.min(...distances)), index, distances.join(' '));
    }
  });

  it('of the same pixels stays what it is from one version to the next: it is kept in journals', () => {
    const rgba = Uint8Array.from({ length: 32 * 32 * 4 }, (_, at) => {
      const [x, y] = [Math.floor(at / 4) % 32, Math.floor(at / 128)];
      return (x * x + 3 * x * y + 7 * y * y) % 251;
    });
    assert.equal(phashOf(rgba, 32), '0d3e05241f1c7e9f');
  });

  it('of different noise is far', async () => {
    const noise = (mean: number) =>
      sharp({
        create: {
          width: 16,
          height: 16,
          channels: 3,
          background: 'white',
          noise: { type: 'gaussian', mean, sigma: 60 },
        },
      });
    const [one, other] = [
      (await hashOf(sharp(await noise(120).png().toBuffer())))!,
      (await hashOf(sharp(await noise(130).png().toBuffer())))!,
    ];
    assert.ok(hammingDistance(one, other) > 16);
  });

  it('of a picture of one colour there is none', async () => {
    for (const background of ['black', 'white', '#8a2']) {
      const flat = sharp({ create: { width: 99, height: 50, channels: 3, background } });
      assert.equal(await hashOf(flat), undefined);
    }
  });

  it('does not depend on how many pixels it is made of, nor does whether there is one', () => {
    // A square in the middle, an eighth of the side.
    const square = (side: number, value: number) =>
      Uint8Array.from({ length: side * side * 4 }, (_, at) => {
        const [x, y] = [Math.floor(at / 4) % side, Math.floor(at / 4 / side)];
        return [x, y].every((place) => Math.floor((place * 8) / side) === 3) ? value : 100;
      });
    for (const side of [32, 64]) {
      assert.equal(phashOf(square(side, 101), side), undefined);
      assert.match(phashOf(square(side, 104), side)!, /^[0-9a-f]{16}$/);
    }
    assert.equal(phashOf(square(32, 200), 32), phashOf(square(64, 200), 64));
  });

  it('counts bits that differ', () => {
    assert.equal(hammingDistance('ffffffffffffffff', '0000000000000000'), 64);
    assert.equal(hammingDistance('8000000000000001', '0000000000000001'), 1);
  });
});
