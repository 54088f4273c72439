/** Slices of a run that are told apart; half as many at least, once it is longer than they are at first. */
const mostSlices = 512;
const finestMs = 5;

/** How many downloads were in flight over the time of a run. Slice `i` begins after `i * sliceMs`. */
export interface InFlight {
  sliceMs: number;
  /** The mean of each slice. */
  means: number[];
}

/**
 * Counts what was in flight from when each download began and ended. By Little's law: the time that downloads took up
 * in a slice, over the slice. Holds the same number of slices however long the run is: they grow wider with it.
 */
export class InFlightCount {
  #sliceMs = finestMs;
  /** Milliseconds of all downloads together. */
  #taken: number[] = [];

  /** Milliseconds from the start of the run. */
  add(startedMs: number, endedMs: number): void {
    while (endedMs > mostSlices * this.#sliceMs) this.#widen();
    const width = this.#sliceMs;
    for (let slice = Math.floor(startedMs / width); slice * width < endedMs; slice++) {
      while (this.#taken.length <= slice) this.#taken.push(0);
      const [from, to] = [slice * width, (slice + 1) * width];
      this.#taken[slice]! += Math.min(endedMs, to) - Math.max(startedMs, from);
    }
  }

  get result(): InFlight {
    return { sliceMs: this.#sliceMs, means: this.#taken.map((ms) => ms / this.#sliceMs) };
  }

  #widen(): void {
    this.#sliceMs *= 2;
    const halves = this.#taken;
    this.#taken = Array.from(
      { length: Math.ceil(halves.length / 2) },
      (_, i) => halves[2 * i]! + (halves[2 * i + 1] ?? 0),
    );
  }
}
