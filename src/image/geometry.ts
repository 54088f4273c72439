import type { StageSpec } from '../core/stage.ts';

export interface Size {
  width: number;
  height: number;
}

/** How a picture gets to its size: all of it is scaled, then the middle is cut out, or the rest is filled up. */
export interface Geometry {
  scaled: Size;
  /** The size of the file. */
  final: Size;
  /** Where the cut begins within the scaled picture, or the scaled picture within the filled one. */
  left: number;
  top: number;
}

/**
 * What `resize` and its mode make of a picture: the pixels that img2dataset gives it, rounding and place of the cut
 * included (its `resizer.py`, and albumentations below it), but that no side becomes less than one. Null where it
 * stays as it is.
 */
export function geometryOf(
  size: Size,
  stage: Pick<StageSpec, 'resize' | 'resizeMode' | 'onlyIfBigger'>,
): Geometry | null {
  const { resize: side, resizeMode: mode, onlyIfBigger } = stage;
  if (side === null || mode === 'no') return null;
  const isOfSmaller = mode === 'keep_ratio' || mode === 'center_crop';
  const reference = isOfSmaller ? Math.min(size.width, size.height) : Math.max(size.width, size.height);
  if (onlyIfBigger && reference <= side) return null;
  const factor = side / reference;
  const scaled = { width: scale(size.width, factor), height: scale(size.height, factor) };
  const isSquare = mode === 'center_crop' || mode === 'border';
  const final = isSquare ? { width: side, height: side } : scaled;
  if (final.width === size.width && final.height === size.height) return null;
  const offset = (key: keyof Size) => Math.floor(Math.abs(scaled[key] - final[key]) / 2);
  return { scaled, final, left: offset('width'), top: offset('height') };
}

const scale = (pixels: number, factor: number): number => Math.max(1, roundHalfToEven(pixels * factor));

/** As Python rounds. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
