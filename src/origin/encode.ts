import sharp from 'sharp';
import type { Canvas } from './landscape.ts';
import { type Pad, padGif, padJpeg, padPng, padWebp } from './padding.ts';

type StillKind = 'jpeg' | 'png' | 'webp' | 'gif';

export interface Format {
  ext: string;
  mime: string;
  pad: Pad;
}

export const formats: Record<StillKind, Format> = {
  jpeg: { ext: 'jpg', mime: 'image/jpeg', pad: padJpeg },
  png: { ext: 'png', mime: 'image/png', pad: padPng },
  webp: { ext: 'webp', mime: 'image/webp', pad: padWebp },
  gif: { ext: 'gif', mime: 'image/gif', pad: padGif },
};

export interface Encoded {
  bytes: Buffer;
  width: number;
  height: number;
}

export const rawOf = ({ pixels, width, height }: Canvas) =>
  sharp(pixels, { raw: { width, height, channels: 3 } });

export async function resized(canvas: Canvas, width: number, height: number): Promise<Canvas> {
  const pixels = await rawOf(canvas).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer();
  return { width, height, pixels };
}

/** Bytes a pixel of these pictures by JPEG quality, measured over all scenes. */
const jpegDensity: [quality: number, density: number][] = [
  [20, 0.016],
  [35, 0.034],
  [50, 0.055],
  [65, 0.082],
  [75, 0.113],
  [80, 0.145],
  [85, 0.191],
  [90, 0.273],
  [95, 0.418],
];

/** The highest quality that is expected to stay below `density` bytes a pixel. */
const qualityFor = (density: number): number => Math.floor(interpolated(density, 1, 0));
const densityAt = (quality: number): number => interpolated(quality, 0, 1);

function interpolated(value: number, from: 0 | 1, to: 0 | 1): number {
  const above = jpegDensity.findIndex((pair) => pair[from] > value);
  if (above <= 0) return jpegDensity.at(above)![to];
  const [low, high] = [jpegDensity[above - 1]!, jpegDensity[above]!];
  return low[to] + ((high[to] - low[to]) * (value - low[from])) / (high[from] - low[from]);
}

/** How many more bytes a scene takes than pictures do on the whole; learnt from one picture to the next. */
export interface Detail {
  factor: number;
}

/** A JPEG a little below `length` bytes, where a quality of 20 or more can do that. */
export async function encodeJpeg(canvas: Canvas, length: number, detail: Detail): Promise<Encoded> {
  const { width, height } = canvas;
  for (let tries = 0; ; tries += 1) {
    const quality = qualityFor((length * (0.97 - 0.06 * tries)) / (width * height * detail.factor));
    const bytes = await rawOf(canvas).jpeg({ quality, optimiseCoding: false }).toBuffer();
    detail.factor = bytes.length / (width * height) / densityAt(quality);
    if (bytes.length <= length - 100 || quality <= 20 || tries === 5) return { bytes, width, height };
  }
}

/** Bytes a pixel, as a first guess. */
const density = { png: 1.9, gif: 0.66, webp: 0.245 } as const;

/** A picture scaled so that it comes a little below `length` bytes. */
export async function encodeScaled(
  canvas: Canvas,
  kind: 'png' | 'webp' | 'gif',
  length: number,
): Promise<Encoded> {
  let scale = Math.min(1, Math.sqrt((length * 0.95) / density[kind] / (canvas.width * canvas.height)));
  for (let tries = 0; ; tries += 1) {
    const [width, height] = [scaled(canvas.width, scale), scaled(canvas.height, scale)];
    const image = rawOf(canvas).resize(width, height, { fit: 'fill' });
    if (kind === 'png') image.png({ compressionLevel: 4 });
    else if (kind === 'gif') image.gif({ effort: 1 });
    else image.webp({ effort: 0, quality: 88 });
    const bytes = await image.toBuffer();
    if (bytes.length <= length - 100 || tries === 5) return { bytes, width, height };
    scale *= Math.min(0.93, Math.sqrt(length / bytes.length) * 0.97);
  }
}

const scaled = (side: number, scale: number): number => Math.max(16, Math.round(side * scale));

/** An endless GIF of these frames, all of one size. */
export async function encodeAnimation(frames: Canvas[], delayMs: number): Promise<Encoded> {
  const { width, height } = frames[0]!;
  const bytes = await sharp(Buffer.concat(frames.map((frame) => frame.pixels)), {
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
  })
    .gif({ effort: 1, loop: 0, delay: frames.map(() => delayMs) })
    .toBuffer();
  return { bytes, width, height };
}
