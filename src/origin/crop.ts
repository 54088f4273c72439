import type { Canvas } from './landscape.ts';
import { randomStream } from './random.ts';

/** How far the grain goes up and down. */
const reach = 18;
const grain = Uint8Array.from(
  { length: 1 << 16 },
  (
    (random) => () =>
      Math.round((random() + random() + random()) * ((2 * reach) / 3))
  )(randomStream(21)),
);

export interface Crop {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Left becomes right. */
  mirrored: boolean;
  /** What each colour is multiplied by. */
  tint: [number, number, number];
  /** Where in the grain it begins. */
  grainFrom: number;
}

/**
 * Cuts a picture out of a panorama, tinted, mirrored, and with the grain of a film: the same for the three
 * colours, so that it looks like light and not like dust, and at full size, which gives photographs their bytes.
 */
export function cutOut(panorama: Canvas, crop: Crop): Canvas {
  const { width, height } = crop;
  const pixels = Buffer.allocUnsafe(width * height * 3);
  // One look-up tints, adds the grain and keeps within a byte.
  const [reds, greens, blues] = crop.tint.map((gain) =>
    Uint8ClampedArray.from({ length: 256 + 2 * reach }, (_, i) => i * gain - reach),
  ) as [Uint8ClampedArray, Uint8ClampedArray, Uint8ClampedArray];
  const source = panorama.pixels;
  const step = crop.mirrored ? -3 : 3;
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    let speck = y * 7919 + crop.grainFrom + ((y * y) >> 3);
    let from = ((y + crop.top) * panorama.width + crop.left + (crop.mirrored ? width - 1 : 0)) * 3;
    for (let x = 0; x < width; x += 1) {
      const light = grain[speck & 0xffff]!;
      pixels[at] = reds[source[from]! + light]!;
      pixels[at + 1] = greens[source[from + 1]! + light]!;
      pixels[at + 2] = blues[source[from + 2]! + light]!;
      speck += 1;
      from += step;
      at += 3;
    }
  }
  return { width, height, pixels };
}
