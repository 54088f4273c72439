import type { OriginOptions } from './options.ts';
import { draw, lots } from './random.ts';

type Sizing = Pick<OriginOptions, 'images' | 'seed' | 'bytes'> & Partial<Pick<OriginOptions, 'mix'>>;

/**
 * Wished lengths of the first `count` pictures, which go round for all: a natural spread (log-normal, a quarter
 * of the mean) around a mean of `bytes` over the album.
 */
export function spreadSizes({ images, seed, bytes }: Sizing, count: number): number[] {
  const weights = Array.from({ length: Math.min(images, count) }, (_, i) => {
    const [u, v] = [draw(seed, lots.size, i, 0), draw(seed, lots.size, i, 1)];
    const normal = Math.sqrt(-2 * Math.log(u + 1e-9)) * Math.cos(2 * Math.PI * v);
    return Math.min(1.8, Math.max(0.5, Math.exp(0.25 * normal)));
  });
  let sum = 0;
  for (let i = 0; i < images; i += 1) sum += weights[i % count]!;
  const mean = sum / images;
  return weights.map((weight) => Math.round((bytes * weight) / mean));
}

/** Lengths of all pictures by `mix`: exactly its shares, in an order by lot, each up to a quarter off its class's size. */
export function mixedSizes({ images, seed, mix }: Sizing): number[] | undefined {
  if (mix === null || mix === undefined) return undefined;
  const order = Array.from({ length: images }, (_, i) => i).sort(
    (a, b) => draw(seed, lots.sizeClass, a) - draw(seed, lots.sizeClass, b),
  );
  const lengths = new Array<number>(images);
  let [sum, from] = [0, 0];
  for (const { share, bytes } of mix) {
    sum += share;
    const to = Math.round(images * sum);
    for (const i of order.slice(from, to)) {
      lengths[i] = Math.round(bytes * (0.75 + 0.5 * draw(seed, lots.size, i)));
    }
    from = to;
  }
  return lengths;
}

/** The mean length for which pictures are painted: of a mix, what fits into the smallest of them. */
export const paintedBytes = ({ bytes, mix }: Sizing): number =>
  mix === null || mix === undefined ? bytes : Math.min(...mix.map((part) => part.bytes)) * 0.7;
