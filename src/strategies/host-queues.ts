import { HostPauses, type Pause } from '../core/host-pauses.ts';
import type { Work } from '../core/run-spec.ts';
import { HostLimits } from './host-limits.ts';

/** Work by its host: hosts take turns, and one that is full or pausing does not hold the others up. */
export class HostQueues {
  readonly #queues = new Map<string, Work[]>();
  readonly #inFlight = new Map<string, number>();
  readonly #limits: HostLimits;
  readonly #pauses = new HostPauses();
  readonly #patienceMs: number;
  #size = 0;

  constructor(perHost: number, patienceMs: number) {
    this.#limits = new HostLimits(perHost);
    this.#patienceMs = patienceMs;
  }

  get size(): number {
    return this.#size;
  }

  /** `first`: it was begun before and goes on at once. */
  add(work: Work, first = false): void {
    const host = hostOf(work);
    const queue = this.#queues.get(host);
    if (queue === undefined) this.#queues.set(host, [work]);
    else if (first) queue.unshift(work);
    else queue.push(work);
    this.#size += 1;
  }

  /** The next work whose host may be asked now; undefined where there is none. */
  take(): Work | undefined {
    for (const [host, queue] of this.#queues) {
      const inFlight = this.#inFlight.get(host) ?? 0;
      if (inFlight >= this.#limits.limit(host) || this.#pauses.remaining(host).ms > 0) continue;
      const work = queue.shift()!;
      // To the end of the turn.
      this.#queues.delete(host);
      if (queue.length > 0) this.#queues.set(host, queue);
      this.#inFlight.set(host, inFlight + 1);
      this.#size -= 1;
      return work;
    }
    return undefined;
  }

  /** Milliseconds until a pause ends that holds work back; undefined where no pause does. */
  nextMs(): number | undefined {
    let next: number | undefined;
    for (const host of this.#queues.keys()) {
      const { ms } = this.#pauses.remaining(host);
      if (ms > 0 && (next === undefined || ms < next)) next = ms;
    }
    return next;
  }

  /** Work that was taken has ended. */
  release(work: Work, wentWell: boolean): void {
    const host = hostOf(work);
    const left = (this.#inFlight.get(host) ?? 1) - 1;
    if (left > 0) this.#inFlight.set(host, left);
    else this.#inFlight.delete(host);
    if (wentWell) this.#limits.wentWell(host);
  }

  /** Returns whether this was the first of a burst. */
  pause(host: string, pause: Pause): boolean {
    // Nobody waits when more was asked for: its work is handed on, to fail for that reason.
    if (!pause.asked || pause.ms <= this.#patienceMs) this.#pauses.announce(host, pause);
    return this.#limits.shrink(host, this.#inFlight.get(host) ?? 0, Math.max(pause.ms, 1000));
  }

  clear(): void {
    this.#queues.clear();
    this.#size = 0;
  }
}

function hostOf(work: Work): string {
  return URL.parse(work.item.url)?.host ?? '';
}
