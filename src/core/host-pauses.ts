/** A host's pause, from now on. All of it is kept; only what the host asked for is its own word. */
export interface Pause {
  ms: number;
  /** The server named the time (`Retry-After`); else it is our own back-off. */
  asked: boolean;
}

/** On `performance.now()`. `until` is never before `askedUntil`. */
interface Known {
  until: number;
  askedUntil: number;
}

/**
 * Hosts that asked for a pause. One clock for the whole place: while a host is paused, nothing new goes
 * to it. Times are of `performance.now()`.
 */
export class HostPauses {
  readonly #known = new Map<string, Known>();
  readonly #onPause: (host: string, pause: Pause) => void;

  /** `onPause` is told of pauses that began here, not of those that another place announced. */
  constructor(onPause: (host: string, pause: Pause) => void = () => {}) {
    this.#onPause = onPause;
  }

  /** Lengthens the host's pause to `ms` from now; never shortens it. */
  pause(host: string, pause: Pause): void {
    if (this.announce(host, pause)) this.#onPause(host, pause);
  }

  /** The same for a pause that is already known elsewhere. Returns whether it changed anything. */
  announce(host: string, { ms, asked }: Pause): boolean {
    const end = performance.now() + ms;
    const { until, askedUntil } = this.#known.get(host) ?? { until: 0, askedUntil: 0 };
    if (end <= (asked ? askedUntil : until)) return false;
    this.#known.set(host, { until: Math.max(end, until), askedUntil: asked ? end : askedUntil });
    if (this.#known.size > 1000) this.#forgetPast();
    return true;
  }

  /** Milliseconds until the host may be asked again, and how many of them it asked for itself; 0 for now. */
  remaining(host: string): { ms: number; askedMs: number } {
    const known = this.#known.get(host);
    if (known === undefined) return { ms: 0, askedMs: 0 };
    const now = performance.now();
    if (known.until <= now) this.#known.delete(host);
    return { ms: Math.max(0, known.until - now), askedMs: Math.max(0, known.askedUntil - now) };
  }

  #forgetPast(): void {
    const now = performance.now();
    for (const [host, { until }] of this.#known) if (until <= now) this.#known.delete(host);
  }
}
