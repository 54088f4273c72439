import type { SizeBin } from './directory-report.ts';

/** Counts values by bins whose edges are given, in ascending order; the last bin has no end. */
export class Histogram {
  readonly #edges: readonly number[];
  readonly #counts: number[];

  constructor(edges: readonly number[]) {
    this.#edges = edges;
    this.#counts = edges.map(() => 0);
  }

  /** A value below the first edge is counted with the first bin. */
  add(value: number): void {
    let at = this.#edges.length - 1;
    while (at > 0 && value < this.#edges[at]!) at -= 1;
    this.#counts[at]! += 1;
  }

  /** Without the empty ones at both ends. */
  bins(): SizeBin[] {
    const all = this.#edges.map((from, n) => ({
      from,
      below: this.#edges[n + 1] ?? null,
      files: this.#counts[n]!,
    }));
    const first = all.findIndex(({ files }) => files > 0);
    return first === -1 ? [] : all.slice(first, all.findLastIndex(({ files }) => files > 0) + 1);
  }
}

/** 1 kB to 1 GB in steps of 1, 2 and 5. */
export const byteEdges = [
  0,
  ...[1e3, 1e4, 1e5, 1e6, 1e7, 1e8].flatMap((power) => [power, 2 * power, 5 * power]),
  1e9,
];

/** Powers of two, which is what sizes of pictures often are. */
export const pixelEdges = [0, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384];
