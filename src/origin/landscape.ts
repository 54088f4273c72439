import { fractalTexture, ridgeLine, side } from './noise.ts';
import { randomStream } from './random.ts';

/** Red, green and blue, 0 to 255, each a byte of 0xRRGGBB. */
type Colour = number;

export interface Ridge {
  colour: Colour;
  /** What its foot fades into. */
  fog: Colour;
  /** Of the picture's height, from the top: where its line runs on the whole, and how far it rises above. */
  line: number;
  rise: number;
  /** 0.4 for hills, 0.6 for rock. */
  roughness: number;
  /** How much of the rock's relief is seen, 0 to 1. */
  relief: number;
  /** Heights above which snow lies, 0 to 1 of the rise. */
  snow?: number;
  /** Trees along the line, of this height (of the picture's). */
  trees?: number;
}

/** A landscape as data; all places and sizes are shares of the picture's height or width. */
export interface Landscape {
  title: string;
  /** At the top, in the middle, at the horizon. */
  sky: [Colour, Colour, Colour];
  horizon: number;
  sun?: { x: number; y: number; radius: number; colour: Colour; glow: number };
  /** Stars in a million pixels of sky. */
  stars?: number;
  clouds?: { colour: Colour; cover: number; soft: number };
  aurora?: Colour;
  ridges: Ridge[];
  /** Water from here down, mirroring what stands above it. */
  water?: { from: number; tint: Colour; ripple: number };
}

export interface Canvas {
  width: number;
  height: number;
  /** RGB, 3 bytes a pixel. */
  pixels: Buffer;
}

const red = (colour: Colour) => (colour >> 16) & 255;
const green = (colour: Colour) => (colour >> 8) & 255;
const blue = (colour: Colour) => colour & 255;

function mix(from: Colour, to: Colour, share: number): Colour {
  const t = Math.min(1, Math.max(0, share));
  const part = (a: number, b: number) => Math.round(a + (b - a) * t);
  return (part(red(from), red(to)) << 16) | (part(green(from), green(to)) << 8) | part(blue(from), blue(to));
}

const texture = fractalTexture(20);
const mask = side - 1;

/** Paints a landscape; the same for the same seed and size. */
export function paint(scene: Landscape, width: number, height: number, seed: number): Canvas {
  const canvas: Canvas = { width, height, pixels: Buffer.allocUnsafe(width * height * 3) };
  const random = randomStream(seed, 30);
  paintSky(canvas, scene, seed);
  if (scene.stars !== undefined) paintStars(canvas, scene, scene.stars, random);
  for (const ridge of scene.ridges) paintRidge(canvas, ridge, random);
  if (scene.water !== undefined) paintWater(canvas, scene.water);
  return canvas;
}

function paintSky({ width, height, pixels }: Canvas, scene: Landscape, seed: number): void {
  const { sun, clouds, aurora, sky } = scene;
  const end = Math.ceil((scene.water?.from ?? 1) * height);
  const horizon = scene.horizon * height;
  const [sunX, sunY, sunR] = sun ? [sun.x * width, sun.y * height, sun.radius * height] : [0, 0, 0];
  const scale = side / height;
  for (let y = 0; y < end; y += 1) {
    const down = Math.min(1, y / horizon);
    const base = down < 0.55 ? mix(sky[0], sky[1], down / 0.55) : mix(sky[1], sky[2], (down - 0.55) / 0.45);
    const cloudRow = ((Math.floor(y * scale * (1.5 + down * 3)) + seed * 37) & mask) * side;
    const cloudRow2 = ((Math.floor(y * scale * 5) + seed * 11) & mask) * side;
    for (let x = 0; x < width; x += 1) {
      let [r, g, b] = [red(base), green(base), blue(base)];
      if (sun !== undefined) {
        const distance = Math.sqrt((x - sunX) ** 2 + (y - sunY) ** 2);
        const away = distance / (height * 0.16);
        const glow = sun.glow / (1 + away * Math.sqrt(away));
        const light = distance < sunR ? 1 : Math.max(glow, sunR + 1 - distance);
        r += (red(sun.colour) - r) * light;
        g += (green(sun.colour) - g) * light;
        b += (blue(sun.colour) - b) * light;
      }
      if (aurora !== undefined) {
        const share = curtain(x * scale, down);
        r += (red(aurora) - r) * share * 0.8;
        g += (green(aurora) - g) * share;
        b += (blue(aurora) - b) * share * 0.9;
      }
      if (clouds !== undefined) {
        const column = x * scale;
        const value =
          texture[cloudRow + (Math.floor(column) & mask)]! * 0.72 +
          texture[cloudRow2 + (Math.floor(column * 2.7) & mask)]! * 0.28;
        const cover = (value - 1 + clouds.cover) / clouds.soft;
        if (cover > 0) {
          const share = Math.min(1, cover) * 0.85 * (1 - down * 0.35);
          r += (red(clouds.colour) - r) * share;
          g += (green(clouds.colour) - g) * share;
          b += (blue(clouds.colour) - b) * share;
        }
      }
      const at = (y * width + x) * 3;
      pixels[at] = clamp(r);
      pixels[at + 1] = clamp(g);
      pixels[at + 2] = clamp(b);
    }
  }
}

/** Northern lights: rays that stand on a wavy lower edge and fade upwards. */
function curtain(x: number, down: number): number {
  const wave = texture[7 * side + (Math.floor(x * 0.45) & mask)]!;
  const rays = 0.45 + 0.55 * texture[90 * side + (Math.floor(x * 3.1) & mask)]!;
  const above = 0.3 + 0.75 * wave - down;
  const light = above < 0 ? 1 + above * 9 : 1 / (1 + (above * 3.4) ** 2);
  return Math.max(0, light) * rays * Math.max(0, Math.min(1, wave * 2.4 - 0.55));
}

function paintStars(
  { width, height, pixels }: Canvas,
  scene: Landscape,
  perMillion: number,
  random: () => number,
): void {
  const rows = Math.floor(scene.horizon * height);
  const count = Math.round((perMillion * width * rows) / 1e6);
  for (let i = 0; i < count; i += 1) {
    const light = random() ** 3;
    const [x, y] = [Math.floor(random() * (width - 1)), Math.floor(random() ** 1.3 * (rows - 1))];
    for (const [dx, dy, share] of [
      [0, 0, 1],
      [1, 0, light],
      [0, 1, light],
      [1, 1, light * light],
    ] as const) {
      const at = ((y + dy) * width + x + dx) * 3;
      for (let c = 0; c < 3; c += 1) {
        pixels[at + c] = Math.min(255, pixels[at + c]! + (90 + 165 * light) * share * (c === 2 ? 1 : 0.93));
      }
    }
  }
}

function paintRidge({ width, height, pixels }: Canvas, ridge: Ridge, random: () => number): void {
  const line = ridgeLine(width, ridge.roughness, random);
  const tops = line.map((value) => (ridge.line - (value - 0.35) * ridge.rise) * height);
  if (ridge.trees !== undefined) plantTrees(tops, ridge.trees * height, random);
  const first = Math.max(0, Math.floor(Math.min(...tops)));
  const depth = height * Math.max(0.16, ridge.rise * 0.9);
  const snowLine = ridge.snow === undefined ? -1 : (ridge.line - (ridge.snow - 0.35) * ridge.rise) * height;
  const shades = Array.from({ length: 256 }, (_, i) => mix(ridge.colour, ridge.fog, (i / 255) ** 1.25));
  const [scale, shift] = [(side / height) * 2.2, Math.floor(random() * side)];
  for (let y = first; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const below = y - tops[x]!;
      if (below < 0) continue;
      const shade = shades[Math.min(255, Math.floor((below / depth) * 255))]!;
      // Slanted look-ups make the noise run down the slopes; its difference to the neighbour is light from the left.
      const u = Math.floor(x * scale + below * scale * 0.45) + shift;
      const v = Math.floor(below * scale * 0.6 + y * scale * 0.25) & mask;
      const here = texture[v * side + (u & mask)]!;
      const light = (here - texture[v * side + ((u + 6) & mask)]!) * 2.2 + (here - 0.5) * 0.5;
      let gain = 1 + light * ridge.relief * (1 - Math.min(0.8, below / depth / 1.4));
      let [r, g, b] = [red(shade), green(shade), blue(shade)];
      if (y < snowLine + (here - 0.5) * height * 0.16) {
        [r, g, b] = [(r + 3 * 236) / 4, (g + 3 * 241) / 4, (b + 3 * 250) / 4];
        gain = 0.9 + light * 0.45;
      }
      const edge = Math.min(below, 1);
      const at = (y * width + x) * 3;
      pixels[at] = clamp(pixels[at]! * (1 - edge) + r * gain * edge);
      pixels[at + 1] = clamp(pixels[at + 1]! * (1 - edge) + g * gain * edge);
      pixels[at + 2] = clamp(pixels[at + 2]! * (1 - edge) + b * gain * edge);
    }
  }
}

/** Raises the line to silhouettes of firs. */
function plantTrees(tops: Float32Array, tallest: number, random: () => number): void {
  const ground = tops.slice();
  for (let x = -tallest; x < tops.length + tallest; x += tallest * (0.08 + random() * 0.2)) {
    const tall = tallest * (0.4 + random() * 0.6);
    const half = tall * (0.16 + random() * 0.07);
    for (let dx = -half; dx <= half; dx += 1) {
      const column = Math.round(x + dx);
      if (column < 0 || column >= tops.length) continue;
      const out = Math.abs(dx) / half;
      // Boughs: the outline steps down in teeth that grow towards the ground.
      const teeth = ((out * 7 + random() * 0.35) % 1) * 0.13 * out;
      tops[column] = Math.min(tops[column]!, ground[column]! - tall * Math.max(0, 1 - out ** 0.85 - teeth));
    }
  }
}

function paintWater(canvas: Canvas, water: NonNullable<Landscape['water']>): void {
  const { width, height, pixels } = canvas;
  const from = Math.floor(water.from * height);
  const scale = side / height;
  for (let y = from; y < height; y += 1) {
    const depth = (y - from) / (height - from);
    const tint = 0.18 + depth * 0.5;
    const row = (Math.floor(((y - from) * 9 * scale) / (0.3 + depth)) & mask) * side;
    for (let x = 0; x < width; x += 1) {
      const wave = texture[row + (Math.floor((x * scale * 1.1) / (0.35 + depth)) & mask)]! - 0.5;
      const up = Math.floor((y - from) * 0.92 + wave * water.ripple * height * (0.04 + depth * 0.25));
      const sx = Math.min(width - 1, Math.max(0, x + Math.floor(wave * water.ripple * 24)));
      const source = (Math.min(from - 1, Math.max(0, from - 1 - up)) * width + sx) * 3;
      const at = (y * width + x) * 3;
      const gain = 1 + wave * 0.3 * water.ripple;
      pixels[at] = clamp((pixels[source]! * (1 - tint) + red(water.tint) * tint) * gain);
      pixels[at + 1] = clamp((pixels[source + 1]! * (1 - tint) + green(water.tint) * tint) * gain);
      pixels[at + 2] = clamp((pixels[source + 2]! * (1 - tint) + blue(water.tint) * tint) * gain);
    }
  }
}

const clamp = (value: number): number => Math.max(0, Math.min(255, value));
