/**
 * The perceptual hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), 3.2.1:
 * 64 low frequencies of a grey picture of 32 x 32, each a bit that says whether it is above their median. Pictures
 * that look alike differ in few bits, unrelated ones in about 32.
 */

const [side, low] = [32, 8];

/** DCT-II: row k holds the cosines of frequency k, without the factors that the median does not see. */
const cosines = Array.from({ length: low + 1 }, (_, frequency) =>
  Float64Array.from({ length: side }, (_, x) => Math.cos((Math.PI * frequency * (2 * x + 1)) / (2 * side))),
);

/** Below this all frequencies are the rounding of pixels: half a step of grey, summed up with random signs. */
const leastSpread = 16;

/**
 * 16 hex digits, of `side * side` RGBA pixels; `side` is a multiple of 32. Undefined for a picture of one colour:
 * it has no form to speak of, and would be like every other of its kind.
 */
export function phashOf(rgba: Uint8Array, rgbaSide: number): string | undefined {
  const grey = greyOf(rgba, rgbaSide);
  // First along the rows, for the frequencies that are needed, then along the columns.
  const rows = cosines.slice(1).map((wave) => {
    return Float64Array.from({ length: side }, (_, y) => dot(wave, grey.subarray(y * side, (y + 1) * side)));
  });
  const values = cosines.slice(1).flatMap((wave) => rows.map((row) => dot(wave, row)));
  if (Math.max(...values.map(Math.abs)) < leastSpread) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const median = (sorted[values.length / 2 - 1]! + sorted[values.length / 2]!) / 2;
  let bits = 0n;
  for (const value of values) bits = (bits << 1n) | (value > median ? 1n : 0n);
  return bits.toString(16).padStart(16, '0');
}

/** In how many bits two hashes differ, 0 to 64. */
export function hammingDistance(one: string, other: string): number {
  const differing = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  let count = 0;
  for (let rest = differing; rest !== 0n; rest &= rest - 1n) count += 1;
  return count;
}

/** Luma (ITU-R BT.601), averaged down to 32 x 32. */
function greyOf(rgba: Uint8Array, rgbaSide: number): Float64Array {
  const times = rgbaSide / side;
  const grey = new Float64Array(side * side);
  for (let at = 0; at < rgbaSide * rgbaSide; at += 1) {
    const [x, y] = [at % rgbaSide, Math.floor(at / rgbaSide)];
    const luma = 0.299 * rgba[at * 4]! + 0.587 * rgba[at * 4 + 1]! + 0.114 * rgba[at * 4 + 2]!;
    grey[Math.floor(y / times) * side + Math.floor(x / times)]! += luma / times ** 2;
  }
  return grey;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at]! * other[at]!;
  return sum;
}
