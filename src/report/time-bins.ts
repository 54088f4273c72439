export interface TimeBin {
  items: number;
  bytes: number;
}

/** A stretch of time in which there was no long pause. */
export interface Session {
  /** Epoch. */
  startMs: number;
  /** One a bin's width, from the start on. */
  bins: TimeBin[];
}

interface Stretch {
  from: number;
  to: number;
}

const finestMs = 100;
/** Of less no rate is told: what ended in the first and the last bin may have taken any part of them. */
const fewestBins = 5;
const nothing: TimeBin = { items: 0, bytes: 0 };
/** A shorter pause is shown as one. */
const leastPauseMs = 5000;

/**
 * What ended when, in bounded memory and in any order: bins of one width, which doubles when there are more than `most`.
 * Bins in which nothing ended take no room, so that a pause of a month makes the rest no coarser.
 */
export class TimeBins {
  readonly #most: number;
  #bins = new Map<number, TimeBin>();
  #widthMs = finestMs;

  constructor(most: number) {
    this.#most = most;
  }

  get widthMs(): number {
    return this.#widthMs;
  }

  add(atMs: number, bytes: number): void {
    this.#addBin(Math.floor(atMs / this.#widthMs), 1, bytes);
  }

  /** Adds what is in another. */
  merge(other: TimeBins): void {
    while (this.#widthMs < other.#widthMs) this.#double();
    for (const [at, { items, bytes }] of other.#bins) {
      // The width may double on the way.
      this.#addBin(Math.floor((at * other.#widthMs) / this.#widthMs), items, bytes);
    }
  }

  /** What there is, and in how long, pauses between sessions apart; null where it is too short to say how fast that was. */
  busy(): { seconds: number; items: number; bytes: number } | null {
    const bins = this.#stretches().reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (bins < fewestBins) return null;
    const all = { items: 0, bytes: 0 };
    for (const { items, bytes } of this.#bins.values()) {
      all.items += items;
      all.bytes += bytes;
    }
    return { seconds: (bins * this.#widthMs) / 1000, ...all };
  }

  /** In order; bins are made wider until there are at most so many, empty ones included. */
  sessions(): Session[] {
    for (;;) {
      const stretches = this.#stretches();
      const bins = stretches.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      if (bins <= this.#most) return stretches.map((stretch) => this.#session(stretch));
      this.#double();
    }
  }

  #session({ from, to }: Stretch): Session {
    const bins = Array.from({ length: to - from + 1 }, (_, n) => this.#bins.get(from + n) ?? nothing);
    return { startMs: from * this.#widthMs, bins };
  }

  /** First and last bins of what has no pause in it that is long for its pace. */
  #stretches(): Stretch[] {
    const places = [...this.#bins.keys()].sort((a, b) => a - b);
    const gaps = places.slice(1).map((at, n) => at - places[n]!);
    const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
    const pause = Math.max(leastPauseMs / this.#widthMs, places.length / 5, usual * 20);
    const stretches: Stretch[] = [];
    for (const at of places) {
      const last = stretches.at(-1);
      if (last === undefined || at - last.to > pause) stretches.push({ from: at, to: at });
      else last.to = at;
    }
    return stretches;
  }

  #addBin(at: number, items: number, bytes: number): void {
    const bin = this.#bins.get(at);
    if (bin !== undefined) {
      bin.items += items;
      bin.bytes += bytes;
      return;
    }
    this.#bins.set(at, { items, bytes });
    while (this.#bins.size > this.#most) this.#double();
  }

  #double(): void {
    const finer = this.#bins;
    this.#bins = new Map();
    this.#widthMs *= 2;
    for (const [at, { items, bytes }] of finer) {
      const coarse = Math.floor(at / 2);
      const bin = this.#bins.get(coarse);
      if (bin === undefined) this.#bins.set(coarse, { items, bytes });
      else {
        bin.items += items;
        bin.bytes += bytes;
      }
    }
  }
}
