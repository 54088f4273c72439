import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import { brokenScan } from '../../src/image/jpeg-scan.ts';
import { flatJpeg, flipped, makePictures, type PictureName } from './pictures.ts';

/** As webcams write it: no DHT segments. */
function withoutTables(jpeg: Buffer): Buffer {
  const kept = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] !== 0xc4) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}

let pictures: Record<PictureName, Buffer>;
before(async () => {
  pictures = await makePictures();
});

describe('a scan that is in order', () => {
  it('of any sampling, grey, of four colours, of one pixel', async () => {
    const canvas = sharp(pictures.png);
    const some = [
      pictures.jpeg,
      pictures.cmyk,
      await canvas.clone().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
      await canvas.clone().jpeg({ optimizeCoding: false }).toBuffer(),
      await canvas.clone().greyscale().jpeg().toBuffer(),
      await canvas.clone().resize(333, 217).jpeg().toBuffer(),
      await canvas.clone().resize(1, 1).jpeg().toBuffer(),
    ];
    for (const bytes of some) assert.equal(brokenScan(bytes), null);
  });

  it('with restarts, with bytes that fill up, with a picture behind it', async () => {
    for (const bytes of [flatJpeg(5), flatJpeg(20, 3), flatJpeg(9, 4, Buffer.alloc(7))]) {
      assert.equal((await sharp(bytes).raw().toBuffer()).length % 64, 0);
      assert.equal(brokenScan(bytes), null);
    }
    assert.equal(brokenScan(Buffer.concat([pictures.jpeg, pictures.jpeg])), null);
  });

  it('without its tables, where the standard ones are meant, is left to the decoder', async () => {
    const options = { optimizeCoding: false, progressive: false };
    const whole = await sharp(pictures.png).jpeg(options).toBuffer();
    const bare = withoutTables(whole);
    assert.ok(bare.length <= whole.length - 400);
    const decoded = await sharp(bare, { failOn: 'warning' }).raw().toBuffer();
    assert.deepEqual(decoded, await sharp(whole).raw().toBuffer());
    assert.equal(brokenScan(bare), null);
  });

  it('of a progressive JPEG is left to the decoder', () => {
    assert.equal(brokenScan(flipped(pictures.progressive, 0.5)), null);
  });
});

describe('a scan with other bytes in it', () => {
  it('is found nearly always, where the decoder in use shows something and says nothing', async () => {
    let [tried, found, unseen] = [0, 0, 0];
    for (let share = 0.1; share < 0.9; share += 0.02) {
      for (const damage of [0x00, 0x5a, 0xb7]) {
        const bytes = Buffer.from(pictures.jpeg);
        const from = Math.floor(bytes.length * share);
        bytes.fill(damage, from, from + 100);
        tried += 1;
        if (brokenScan(bytes) === null) continue;
        found += 1;
        const shown = sharp(bytes, { failOn: 'warning' }).raw().toBuffer();
        unseen += await shown.then(
          () => 1,
          () => 0,
        );
      }
    }
    assert.ok(found >= tried * 0.9, `${found} of ${tried}`);
    assert.ok(unseen > tried / 4, `${unseen} of ${tried}`);
  });

  it('holds more than its blocks', () => {
    for (const interval of [0, 4]) {
      const broken = brokenScan(flatJpeg(9, interval, Buffer.from([1, 2, 3])));
      assert.equal(broken, '3 bytes behind the last block of a scan');
    }
  });

  it('lacks a restart, or blocks', () => {
    const whole = flatJpeg(20, 3);
    const without = Buffer.from(whole);
    const restart = without.indexOf(Buffer.from([0xff, 0xd2]));
    const cut = Buffer.concat([without.subarray(0, restart), without.subarray(restart + 2)]);
    assert.match(brokenScan(cut)!, /bytes behind|no table|restart/);
    const wide = flatJpeg(5);
    wide.writeUInt16BE(4000, wide.indexOf(Buffer.from([0xff, 0xc0])) + 7);
    assert.match(brokenScan(wide)!, /too early|no table/);
  });
});
