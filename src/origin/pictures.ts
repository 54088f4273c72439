import { Body } from './body.ts';
import { type Crop, cutOut } from './crop.ts';
import {
  type Detail,
  type Encoded,
  encodeAnimation,
  encodeJpeg,
  encodeScaled,
  formats,
  resized,
} from './encode.ts';
import { type Canvas, paint } from './landscape.ts';
import { emptyMp4 } from './mp4.ts';
import type { OriginOptions, PictureKind } from './options.ts';
import { mixedSizes, paintedBytes, spreadSizes } from './picture-sizes.ts';
import { draw, hash32, lots, wordId } from './random.ts';
import { scenes } from './scenes.ts';
import { stampNumber } from './stamp.ts';

export interface Picture {
  /** Position in the main album, from 1. */
  index: number;
  id: string;
  kind: PictureKind;
  ext: string;
  mime: string;
  width: number;
  height: number;
  title: string;
  /** Seconds since 1970. */
  datetime: number;
  body: Body;
  /** The MP4 twin of an animated one. */
  video?: Body;
}

/**
 * Pictures above this number have the pixels of one before, under a comment of their own: so bytes, size
 * and digest differ, and memory and start-up time stay bounded. A multiple of `cycle`.
 */
const painted = 120;
const cycle = 12;

/** Where in each dozen the second and later kinds stand. */
const places = [5, 8, 11, 2];

const kindAt = (kinds: PictureKind[], index: number): PictureKind =>
  kinds[places.indexOf(index % cycle) + 1] ?? kinds[0]!;

/** Bytes a pixel at which a photograph looks as it should. */
const goodDensity = 0.155;

/** The size of a picture of the mean length: 4 to 3, at most 1600 x 1200. */
function typicalSize(bytes: number): { width: number; height: number } {
  const pixels = Math.min(1600 * 1200, Math.max(96 * 72, bytes / goodDensity));
  const width = Math.round(Math.sqrt((pixels * 4) / 3) / 4) * 4;
  return { width, height: (width * 3) / 4 };
}

/** Width and height in typical widths: 4:3, 3:2, square, portrait. None leaves the panorama at `room`. */
const shapes: [number, number][] = [
  [1, 0.75],
  [1, 0.75],
  [1, 0.667],
  [1.15, 0.7],
  [0.86, 0.86],
  [0.7, 0.88],
];
const room = 1.2;

function cropOf(panorama: Canvas, unit: number, share: number, index: number, seed: number): Crop {
  const lot = (n: number) => draw(seed, lots.crop, index, n);
  const [w, h] = shapes[Math.floor(lot(0) * shapes.length)]!;
  const [width, height] = [Math.round(unit * w * share), Math.round(unit * h * share)];
  const [gain, warmth] = [0.95 + lot(1) * 0.13, (lot(2) - 0.5) * 0.1];
  return {
    width,
    height,
    left: Math.floor(lot(3) * (panorama.width - width)),
    // Low rather than high: the land is what there is to see.
    top: Math.floor((0.25 + 0.75 * lot(4)) * (panorama.height - height)),
    mirrored: lot(5) < 0.5,
    tint: [gain * (1 + warmth), gain, gain * (1 - warmth)],
    grainFrom: hash32(seed, lots.crop, index) & 0xffff,
  };
}

async function encode(
  panorama: Canvas,
  kind: PictureKind,
  index: number,
  wished: number,
  detail: Detail,
  options: Pick<OriginOptions, 'seed' | 'bytes'>,
): Promise<Encoded> {
  const unit = typicalSize(options.bytes).width;
  // Small files are smaller pictures, large ones are of better quality.
  const share = kind === 'jpeg' ? Math.min(1, Math.sqrt(wished / options.bytes)) : 1;
  const crop = cropOf(panorama, unit, share, index, options.seed);
  if (kind === 'animated') return animate(panorama, crop, index, wished);
  const canvas = cutOut(panorama, crop);
  stampNumber(canvas, index + 1);
  return kind === 'jpeg' ? encodeJpeg(canvas, wished, detail) : encodeScaled(canvas, kind, wished);
}

/** A slow pan over the panorama, as large as fits into the wished length. */
async function animate(panorama: Canvas, crop: Crop, index: number, wished: number): Promise<Encoded> {
  const count = 8;
  const cuts = Array.from({ length: count }, (_, i) => {
    const left = Math.floor(((panorama.width - crop.width) * i) / (count - 1));
    const frame = cutOut(panorama, { ...crop, left, mirrored: false, grainFrom: 0 });
    stampNumber(frame, index + 1);
    return frame;
  });
  let width = Math.min(crop.width, Math.round(Math.sqrt(((wished / count / 0.8) * 4) / 3)));
  for (let tries = 0; ; tries += 1) {
    const height = Math.max(12, Math.round(width * 0.75));
    const frames = await Promise.all(cuts.map((frame) => resized(frame, Math.max(16, width), height)));
    const encoded = await encodeAnimation(frames, 120);
    if (encoded.bytes.length <= wished - 100 || tries === 4) return encoded;
    width = Math.floor(width * Math.min(0.95, Math.sqrt(wished / encoded.bytes.length) * 0.92));
  }
}

/**
 * Makes the pictures of the main album, all in memory. The same options give the same pictures (the
 * same bytes, where the same libraries encode them).
 */
export async function makePictures(
  given: Pick<OriginOptions, 'images' | 'seed' | 'bytes' | 'kinds'> & Partial<Pick<OriginOptions, 'mix'>>,
): Promise<Picture[]> {
  const { images, seed, kinds } = given;
  const mixed = mixedSizes(given);
  const options = { ...given, bytes: paintedBytes(given) };
  const count = Math.min(images, painted);
  const wished =
    mixed === undefined ? spreadSizes(options, painted) : new Array<number>(count).fill(options.bytes);
  const sceneCount = Math.min(scenes.length, Math.ceil(count / 4));
  const first = Math.floor(draw(seed, lots.scene) * scenes.length);
  const encoded: Encoded[] = new Array(count);
  const small = typicalSize(options.bytes);

  const makeScene = async (number: number) => {
    const [width, height] = [Math.round(small.width * room), Math.round(small.height * room)];
    const scene = scenes[(first + number) % scenes.length]!;
    // Painted smaller than shown: the grain, which is added at full size, hides it, and it takes a third of the time.
    const panorama = await resized(
      paint(scene, Math.round(width * 0.6), Math.round(height * 0.6), hash32(seed, lots.scene, number) % 997),
      width,
      height,
    );
    const detail: Detail = { factor: 1 };
    for (let i = number; i < count; i += sceneCount) {
      encoded[i] = await encode(panorama, kindAt(kinds, i), i, wished[i]!, detail, options);
    }
  };
  const queue = Array.from({ length: sceneCount }, (_, i) => i);
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await makeScene(next);
  };
  // One paints while others encode, in the threads of the library.
  await Promise.all([work(), work(), work(), work()]);

  return Array.from({ length: images }, (_, i): Picture => {
    const kind = kindAt(kinds, i);
    const { bytes, width, height } = encoded[i % painted]!;
    const format = formats[kind === 'animated' ? 'gif' : kind];
    const comment = `Picture ${i + 1} of seed ${seed}. `;
    const length =
      mixed?.[i] ?? wished[i % painted]! + (i < painted ? 0 : hash32(seed, lots.padding, i) % 64);
    const title = scenes[(first + ((i % painted) % sceneCount)) % scenes.length]!.title;
    return {
      index: i + 1,
      id: wordId(seed, lots.id, i),
      kind,
      ext: format.ext,
      mime: format.mime,
      width,
      height,
      title: `${title}, ${i + 1}`,
      datetime: 1_400_000_000 + (hash32(seed, i) % 3600) + i * 5400,
      body: format.pad(bytes, comment, length, { width, height }),
      ...(kind === 'animated' ? { video: new Body([emptyMp4(Math.round(length * 0.4), comment)]) } : {}),
    };
  });
}
