/**
 * Workers behind one queue, first come first served (M/D/c, or G/G/c). A request that was given up is worked on all
 * the same, as most servers do.
 */
export class WorkerQueue {
  /** When each worker has done what was given to it. */
  #freeMs: number[] = [];

  /** How long a request that arrives now takes until it is served, the queue included. */
  enter(workers: number, serviceMs: number, nowMs: number): number {
    while (this.#freeMs.length < workers) this.#freeMs.push(nowMs);
    this.#freeMs.length = workers;
    let first = 0;
    for (let i = 1; i < workers; i += 1) if (this.#freeMs[i]! < this.#freeMs[first]!) first = i;
    const doneMs = Math.max(nowMs, this.#freeMs[first]!) + serviceMs;
    this.#freeMs[first] = doneMs;
    return doneMs - nowMs;
  }
}
