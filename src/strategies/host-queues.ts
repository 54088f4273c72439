import { HostPauses, type Pause } from '../core/host-pauses.ts';
import type { Work } from '../core/run-spec.ts';
import type { HostWindow } from './host-window.ts';
import type { HostWindows } from './host-windows.ts';
import type { HostsNow } from './strategy.ts';

/** One host, as long as it has work. */
export interface Host {
  readonly name: string;
  readonly window: HostWindow;
  inFlight: number;
  waiting: Work[];
}

/** Work by its host: hosts take turns, and one that is full or pausing does not hold the others up. */
export class HostQueues {
  readonly #hosts = new Map<string, Host>();
  /** Those with waiting work, in the order of their turns. */
  readonly #turns = new Set<Host>();
  readonly #windows: HostWindows;
  readonly #pauses = new HostPauses();
  readonly #patienceMs: number;
  #size = 0;

  constructor(windows: HostWindows, patienceMs: number) {
    this.#windows = windows;
    this.#patienceMs = patienceMs;
  }

  get size(): number {
    return this.#size;
  }

  /** `first`: it was begun before and goes on at once. */
  add(work: Work, first = false): Host {
    const host = this.#host(hostOf(work));
    if (first) host.waiting.unshift(work);
    else host.waiting.push(work);
    this.#turns.add(host);
    this.#size += 1;
    return host;
  }

  /** The next work whose host may be asked now, and its host; undefined where there is none. */
  take(): { work: Work; host: Host } | undefined {
    for (const host of this.#turns) {
      if (host.inFlight >= host.window.limit || this.#pauses.remaining(host.name).ms > 0) continue;
      const work = host.waiting.shift()!;
      // To the end of the turn.
      this.#turns.delete(host);
      if (host.waiting.length > 0) this.#turns.add(host);
      host.inFlight += 1;
      host.window.begun(host.inFlight, performance.now());
      this.#size -= 1;
      return { work, host };
    }
    return undefined;
  }

  /** Milliseconds until a pause ends that holds work back; undefined where no pause does. */
  nextMs(): number | undefined {
    let next: number | undefined;
    for (const { name } of this.#turns) {
      const { ms } = this.#pauses.remaining(name);
      if (ms > 0 && (next === undefined || ms < next)) next = ms;
    }
    return next;
  }

  /** Work that was taken has ended. */
  release(host: Host): void {
    host.inFlight -= 1;
    if (host.inFlight > 0 || host.waiting.length > 0) return;
    this.#hosts.delete(host.name);
    this.#windows.idle(host.name);
  }

  firstByte(name: string, ms: number): void {
    const host = this.#hosts.get(name);
    host?.window.firstByte(host.inFlight, ms, performance.now());
  }

  pause(name: string, pause: Pause): void {
    // Nobody waits when more was asked for: its work is handed on, to fail for that reason.
    if (!pause.asked || pause.ms <= this.#patienceMs) this.#pauses.announce(name, pause);
  }

  /** The host asked for less, in answer to a request that was begun `requestAgeMs` ago. */
  refused(name: string, requestAgeMs: number): void {
    const inFlight = this.#hosts.get(name)?.inFlight ?? 0;
    this.#windows.get(name).refused(inFlight, requestAgeMs, performance.now());
  }

  /** A request failed without a word of the host's. */
  failed(name: string, requestAgeMs: number): void {
    const host = this.#hosts.get(name);
    host?.window.failed(host.inFlight, requestAgeMs, performance.now());
  }

  /** What the windows of the hosts that have work come to. */
  now(): HostsNow {
    const now = { limit: 0, wereTooMuch: false, areAtCeiling: true, arePausing: this.#turns.size > 0 };
    for (const { window } of this.#hosts.values()) now.limit += window.limit;
    for (const { name, window } of this.#turns) {
      now.wereTooMuch ||= window.wasTooMuch;
      now.areAtCeiling &&= window.limit >= window.ceiling;
      now.arePausing &&= this.#pauses.remaining(name).ms > 0;
    }
    return now;
  }

  clear(): void {
    for (const host of this.#turns) host.waiting = [];
    this.#turns.clear();
    this.#size = 0;
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = { name, window: this.#windows.get(name), inFlight: 0, waiting: [] };
      this.#hosts.set(name, host);
    }
    return host;
  }
}

function hostOf(work: Work): string {
  return URL.parse(work.item.url)?.host ?? '';
}
