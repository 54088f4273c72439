import { randomStream } from './random.ts';

/** Side of the textures; a power of two, so that `& (side - 1)` wraps. */
export const side = 512;

/** Fractal value noise, 0 to 1, that tiles: six octaves, each half as strong as the one before. */
export function fractalTexture(seed: number): Float32Array {
  const texture = new Float32Array(side * side);
  let strength = 0.5;
  for (let cells = 4; cells <= 128; cells *= 2) {
    addOctave(texture, cells, strength, randomStream(seed, cells));
    strength /= 2;
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of texture) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  for (let i = 0; i < texture.length; i += 1) texture[i] = (texture[i]! - low) / (high - low);
  return texture;
}

function addOctave(texture: Float32Array, cells: number, strength: number, random: () => number): void {
  const lattice = Float32Array.from({ length: cells * cells }, random);
  const size = side / cells;
  for (let y = 0; y < side; y += 1) {
    const row = Math.floor(y / size);
    const v = smooth((y % size) / size);
    const [above, below] = [row * cells, ((row + 1) % cells) * cells];
    for (let x = 0; x < side; x += 1) {
      const left = Math.floor(x / size);
      const right = (left + 1) % cells;
      const u = smooth((x % size) / size);
      const top = lattice[above + left]! * (1 - u) + lattice[above + right]! * u;
      const bottom = lattice[below + left]! * (1 - u) + lattice[below + right]! * u;
      texture[y * side + x]! += (top * (1 - v) + bottom * v) * strength;
    }
  }
}

const smooth = (t: number): number => t * t * (3 - 2 * t);

/** A jagged line of `length` heights, 0 to 1, by midpoint displacement; `roughness` 0.4 is hills, 0.6 is rock. */
export function ridgeLine(length: number, roughness: number, random: () => number): Float32Array {
  let size = 4;
  while (size < length) size *= 2;
  const line = new Float32Array(size + 1).fill(0.5);
  // A few free points first: one range of mountains, not one mountain.
  const first = size / 4;
  for (let x = 0; x <= size; x += first) line[x] = 0.2 + random() * 0.6;
  let reach = 0.45;
  for (let step = first; step > 1; step /= 2) {
    for (let x = step / 2; x < size; x += step) {
      line[x] = (line[x - step / 2]! + line[x + step / 2]!) / 2 + (random() - 0.5) * reach;
    }
    reach *= roughness;
  }
  return line.subarray(0, length);
}
