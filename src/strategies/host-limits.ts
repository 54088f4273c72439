import { AdaptiveLimit } from './adaptive-limit.ts';

/** How many downloads each host may have in flight: what hosts have shown (429, 503) to be too much is learned. */
export class HostLimits {
  readonly #ceiling: number;
  /** Of hosts that are below the ceiling, alone. */
  readonly #learned = new Map<string, AdaptiveLimit>();

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
  }

  limit(host: string): number {
    return this.#learned.get(host)?.limit ?? this.#ceiling;
  }

  /** A host with `inFlight` downloads asked for a pause. Returns whether it was the first of its burst. */
  shrink(host: string, inFlight: number, burstMs: number): boolean {
    let limit = this.#learned.get(host);
    if (limit === undefined) {
      limit = new AdaptiveLimit(this.#ceiling);
      this.#learned.set(host, limit);
    }
    return limit.shrink(inFlight, burstMs);
  }

  wentWell(host: string): void {
    const limit = this.#learned.get(host);
    limit?.wentWell();
    if (limit?.isAtCeiling) this.#learned.delete(host);
  }
}
