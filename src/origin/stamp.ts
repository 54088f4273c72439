import type { Canvas } from './landscape.ts';

type Point = [x: number, y: number];

/** Part of an ellipse, angles in quarter turns clockwise from the right. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] {
  const steps = Math.max(3, Math.ceil(Math.abs(to - from) * 6));
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 2;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

/**
 * Digits as strokes in a box 1 wide and 1.6 high: pictures carry numbers also on machines without fonts.
 */
const digits: Point[][][] = [
  [arc(0.5, 0.8, 0.42, 0.75, 0, 4)],
  [
    [
      [0.2, 0.3],
      [0.55, 0.05],
      [0.55, 1.55],
    ],
  ],
  [[...arc(0.5, 0.47, 0.4, 0.42, -1.9, 0.45), [0.08, 1.55], [0.95, 1.55]]],
  [[...arc(0.48, 0.42, 0.38, 0.37, -1.8, 1)], [...arc(0.48, 1.17, 0.42, 0.38, -1, 1.8)]],
  [
    [
      [0.7, 1.55],
      [0.7, 0.05],
      [0.05, 1.1],
      [0.98, 1.1],
    ],
  ],
  [[[0.88, 0.05], [0.2, 0.05], [0.14, 0.72], ...arc(0.48, 1.05, 0.42, 0.5, -1.5, 1.7)]],
  [[[0.75, 0.05], ...arc(0.5, 1.08, 0.42, 0.47, -1.9, 2.1)]],
  [
    [
      [0.05, 0.05],
      [0.95, 0.05],
      [0.38, 1.55],
    ],
  ],
  [arc(0.5, 0.42, 0.35, 0.37, 0, 4), arc(0.5, 1.17, 0.42, 0.38, 0, 4)],
  [[[0.25, 1.55], ...arc(0.5, 0.52, 0.42, 0.47, 0.1, 4.1)]],
];

function distance(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

const masks = new Map<string, Uint8Array>();

/** How far each pixel is covered by the digit's stroke, 0 to 255, in a box of `1.4 size` by `2 size`. */
function maskOf(digit: number, size: number): Uint8Array {
  const key = `${digit} ${size}`;
  const known = masks.get(key);
  if (known !== undefined) return known;
  const [width, height] = [Math.ceil(size * 1.4), Math.ceil(size * 2)];
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let nearest = Number.POSITIVE_INFINITY;
      for (const stroke of digits[digit]!) {
        for (let i = 1; i < stroke.length; i += 1) {
          nearest = Math.min(nearest, distance(x / size - 0.2, y / size - 0.2, stroke[i - 1]!, stroke[i]!));
        }
      }
      mask[y * width + x] = Math.max(0, Math.min(1, (0.085 - nearest) * size + 0.5)) * 255;
    }
  }
  masks.set(key, mask);
  return mask;
}

/** Draws a number into the lower right corner, white with a soft shadow. */
export function stampNumber(canvas: Canvas, number: number): void {
  const size = Math.max(6, Math.round(Math.min(canvas.width, canvas.height) * 0.022));
  const text = String(number);
  const step = Math.round(size * 1.35);
  const left = canvas.width - Math.round(size * 1.6) - step * text.length;
  const top = canvas.height - Math.round(size * 3.4);
  const offset = Math.max(1, Math.round(size / 12));
  for (const [shift, light, share] of [
    [offset, 0, 0.45],
    [0, 255, 0.88],
  ] as const) {
    for (const [i, digit] of [...text].entries()) {
      blend(
        canvas,
        maskOf(Number(digit), size),
        Math.ceil(size * 1.4),
        left + i * step + shift,
        top + shift,
        light,
        share,
      );
    }
  }
}

function blend(
  { width, height, pixels }: Canvas,
  mask: Uint8Array,
  maskWidth: number,
  left: number,
  top: number,
  light: number,
  share: number,
): void {
  for (let i = 0; i < mask.length; i += 1) {
    const cover = (mask[i]! / 255) * share;
    if (cover === 0) continue;
    const [x, y] = [left + (i % maskWidth), top + Math.floor(i / maskWidth)];
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const at = (y * width + x) * 3;
    for (let c = 0; c < 3; c += 1) pixels[at + c] = pixels[at + c]! * (1 - cover) + light * cover;
  }
}
