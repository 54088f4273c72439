import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import sharp from 'sharp';
import { formats } from '../../src/origin/encode.ts';
import { emptyMp4 } from '../../src/origin/mp4.ts';
import { makePictures, type Picture } from '../../src/origin/pictures.ts';
import { makeSamples } from '../../src/origin/samples.ts';

const bytesOf = ({ body }: Pick<Picture, 'body'>) => body.read(0, body.length);
const digestOf = (picture: Picture) => createHash('sha256').update(bytesOf(picture)).digest('hex');
const small = {
  images: 36,
  seed: 5,
  bytes: 12_000,
  kinds: ['jpeg', 'png', 'webp', 'gif', 'animated'] as const,
};
const make = (options = {}) => makePictures({ ...small, kinds: [...small.kinds], ...options });

test('every picture decodes without a warning to the size and format that it claims', async () => {
  for (const picture of await make()) {
    const image = sharp(bytesOf(picture), { failOn: 'warning' });
    const { width, height, format, pages } = await image.metadata();
    assert.deepEqual([width, height], [picture.width, picture.height], picture.kind);
    assert.equal(`image/${format}`, picture.mime);
    assert.equal((pages ?? 1) > 1, picture.kind === 'animated');
    await image.stats();
  }
});

test('formats are mixed as asked for: mostly the first', async () => {
  const count = (pictures: Picture[], kind: string) =>
    pictures.filter((picture) => picture.kind === kind).length;
  const mixed = await make();
  assert.deepEqual(
    small.kinds.map((kind) => count(mixed, kind)),
    [24, 3, 3, 3, 3],
  );
  assert.equal(count(await make({ kinds: ['webp'], images: 12 }), 'webp'), 12);
});

test('sizes spread around a mean that is exact', async () => {
  const sizes = (await make({ images: 30 })).map(({ body }) => body.length);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  assert.ok(Math.abs(mean / small.bytes - 1) < 0.01, `mean ${mean}`);
  assert.ok(Math.max(...sizes) / Math.min(...sizes) > 1.5);
  assert.ok(new Set(sizes).size > 25);
});

test('the same seed gives the same pictures, another one others', async () => {
  const [first, again, other] = await Promise.all([make(), make(), make({ seed: 6 })]);
  assert.deepEqual(first.map(digestOf), again.map(digestOf));
  assert.deepEqual(
    first.map(({ id }) => id),
    again.map(({ id }) => id),
  );
  const digests = new Set(first.map(digestOf));
  assert.equal(other.filter((picture) => digests.has(digestOf(picture))).length, 0);
});

test('a large album is made at once, and each of its pictures is unlike every other', async () => {
  const pictures = await make({ images: 1000, kinds: ['jpeg', 'png'] });
  assert.equal(new Set(pictures.map(digestOf)).size, 1000);
  assert.equal(new Set(pictures.map(({ id }) => id)).size, 1000);
  assert.ok(pictures.every(({ id }) => /^\w{7}$/.test(id)));
  await sharp(bytesOf(pictures[999]!), { failOn: 'warning' }).stats();
});

test('an album may be empty or have one picture', async () => {
  assert.deepEqual(await make({ images: 0 }), []);
  assert.equal((await make({ images: 1 })).length, 1);
});

for (const [kind, { pad }] of Object.entries(formats)) {
  test(`padding a ${kind} gives the length that was asked for and the same pixels`, async () => {
    const samples = await makeSamples();
    const picture = samples[kind as keyof typeof formats];
    const pixels = await sharp(picture).raw().toBuffer();
    const reach = kind === 'gif' || kind === 'webp' ? 2 : 0;
    for (const extra of [40, 41, 42, 43, 44, 300, 65_500, 65_578, 65_579, 65_580, 65_581, 200_000]) {
      const body = pad(picture, 'A comment.', picture.length + extra, samples);
      const off = body.length - picture.length - extra;
      assert.ok(Math.abs(off) <= reach, `${extra}: off by ${off}`);
      const bytes = body.read(0, body.length);
      assert.equal(bytes.length, body.length);
      assert.ok((await sharp(bytes, { failOn: 'warning' }).raw().toBuffer()).equals(pixels));
    }
  });
}

test('any stretch of a body is what stands there in the whole', async () => {
  const { jpeg, width, height } = await makeSamples();
  const body = formats.jpeg.pad(jpeg, 'x', 400_000, { width, height });
  const whole = body.read(0, body.length);
  for (const [start, end] of [
    [0, 1],
    [1, 70_000],
    [65_000, 65_600],
    [131_000, 200_001],
    [399_000, 400_000],
  ] as const) {
    assert.ok(body.read(start, end).equals(whole.subarray(start, end)), `${start} to ${end}`);
  }
});

test("the MP4 twin's boxes add up to its length", () => {
  const bytes = emptyMp4(5000, 'a comment');
  const boxes: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    boxes.push(bytes.toString('latin1', at + 4, at + 8));
    at += bytes.readUInt32BE(at);
  }
  assert.deepEqual(boxes, ['ftyp', 'moov', 'mdat']);
  assert.deepEqual([at, bytes.length], [5000, 5000]);
});

test('the picture of removed images has the size of the original', async () => {
  const { width, height, format } = await sharp((await makeSamples()).removed).metadata();
  assert.deepEqual([width, height, format], [161, 81, 'png']);
});

test('sizes by shares: exactly so many of each class, near its size, every file whole, the same for the same seed', async () => {
  const mix = [
    { share: 0.75, bytes: 8_000 },
    { share: 0.2, bytes: 60_000 },
    { share: 0.05, bytes: 2_000_000 },
  ];
  const make = () => makePictures({ images: 200, seed: 5, bytes: 300_000, kinds: ['jpeg'], mix });
  const pictures = await make();
  const lengths = pictures.map(({ body }) => body.length);
  const near = (bytes: number) => lengths.filter((length) => Math.abs(length - bytes) <= 0.25 * bytes);
  assert.deepEqual([near(8_000).length, near(60_000).length, near(2_000_000).length], [150, 40, 10]);
  assert.ok(new Set(near(8_000)).size > 100, 'sizes of a class differ');
  const large = lengths.findIndex((length) => length > 1e6);
  assert.ok(lengths.slice(0, 40).some((length) => length > 40_000) && large < 190, 'classes come mixed');
  await sharp(bytesOf(pictures[large]!), { failOn: 'warning' }).stats();
  assert.deepEqual(
    (await make()).map(({ body }) => body.length),
    lengths,
  );
});
