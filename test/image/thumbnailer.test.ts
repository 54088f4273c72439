import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import sharp from 'sharp';
import { Thumbnailer } from '../../src/image/thumbnailer.ts';
import { needs } from '../support/needs.ts';

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#36c' } });

async function sizeOf(webp: Uint8Array | null) {
  const { format, width, height } = await sharp(webp!).metadata();
  return [format, width, height];
}

it('pictures of every kind become small ones, upright, none larger than it was', async () => {
  const thumbnailer = new Thumbnailer(100);
  const wide = plain(400, 200);
  const turned = await wide.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const small = await plain(10, 20).png().toBuffer();
  for (const bytes of [await wide.clone().gif().toBuffer(), await wide.clone().avif().toBuffer()]) {
    assert.deepEqual(await sizeOf(await thumbnailer.make(bytes)), ['webp', 100, 50]);
  }
  assert.deepEqual(await sizeOf(await thumbnailer.make(turned)), ['webp', 50, 100]);
  assert.deepEqual(await sizeOf(await thumbnailer.make(small)), ['webp', 10, 20]);
  const own = await wide.clone().resize(50).webp().toBuffer();
  assert.deepEqual(await thumbnailer.make(own), own);
  await thumbnailer.close();
});

it('what is no picture, is cut off or is an SVG becomes none, and the next is made', async () => {
  const thumbnailer = new Thumbnailer(100);
  const jpeg = await plain(400, 300).jpeg().toBuffer();
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  for (const bytes of [Buffer.alloc(0), Buffer.from('no picture'), jpeg.subarray(0, jpeg.length / 2), svg]) {
    assert.equal(await thumbnailer.make(bytes), null);
  }
  assert.deepEqual(await sizeOf(await thumbnailer.make(jpeg)), ['webp', 100, 75]);
  await thumbnailer.close();
});

it('a process that ends is replaced by another', {
  skip: needs(process.platform === 'linux', 'no /proc'),
}, async () => {
  const thumbnailer = new Thumbnailer(100);
  const jpeg = await plain(400, 300).jpeg().toBuffer();
  await thumbnailer.make(jpeg);
  const children = () =>
    execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('picture-worker'))
      .map((line) => Number.parseInt(line, 10));
  const [first] = children();
  process.kill(first!, 'SIGKILL');
  assert.deepEqual(await sizeOf(await thumbnailer.make(jpeg)), ['webp', 100, 75]);
  assert.notEqual(children()[0], first);
  await thumbnailer.close();
});
