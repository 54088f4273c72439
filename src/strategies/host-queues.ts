import type { HandBack } from '../core/handed-back.ts';
import { HostPauses, type Pause } from '../core/host-pauses.ts';
import type { Work } from '../core/run-spec.ts';
import type { Silence } from '../core/silence.ts';
import { type Begun, HostSilence } from './host-silence.ts';
import type { HostWindow } from './host-window.ts';
import type { HostWindows } from './host-windows.ts';
import { Later } from './later.ts';
import type { HostsNow } from './strategy.ts';

/** One host, as long as it has work. */
export interface Host {
  readonly name: string;
  readonly window: HostWindow;
  readonly silence: HostSilence;
  /** In flight. */
  readonly begun: Map<Work, Begun>;
  waiting: Work[];
  /** Of its work, what waits for another try. */
  later: number;
  /** It could not be connected to, and has not answered since. */
  isUnreachable: boolean;
}

/** What is taken back together is handed back within this time, by all places; only then it is known how many are too many. */
const togetherMs = 100;

/**
 * Work by its host: hosts take turns, and one that is full or pausing does not hold the others up. One that cannot be
 * connected to comes last: each try may take as long as `--connect-timeout`.
 */
export class HostQueues {
  readonly #hosts = new Map<string, Host>();
  /** Those with waiting work, in the order of their turns. */
  readonly #turns = new Set<Host>();
  readonly #windows: HostWindows;
  readonly #pauses = new HostPauses();
  readonly #later = new Later<Work>();
  readonly #patienceMs: number;
  #size = 0;

  constructor(windows: HostWindows, patienceMs: number) {
    this.#windows = windows;
    this.#patienceMs = patienceMs;
  }

  /** What waits for its turn, or for another try. */
  get size(): number {
    return this.#size + this.#later.size;
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
    this.#takeUpDue();
    let last: Host | undefined;
    for (const host of this.#turns) {
      if (host.begun.size >= host.window.limit || this.#pauses.remaining(host.name).ms > 0) continue;
      if (!host.isUnreachable) return this.#takeOf(host);
      last ??= host;
    }
    return last && this.#takeOf(last);
  }

  #takeOf(host: Host): { work: Work; host: Host } {
    const work = host.waiting.shift()!;
    // To the end of the turn.
    this.#turns.delete(host);
    if (host.waiting.length > 0) this.#turns.add(host);
    const at = performance.now();
    const inFlight = host.begun.size + 1;
    host.begun.set(work, { at, inFlight });
    host.window.begun(inFlight, at);
    this.#size -= 1;
    return { work, host };
  }

  #takeUpDue(): void {
    for (const work of this.#later.due(performance.now())) this.add(work, true).later -= 1;
  }

  /** Work that was taken comes back; `release` has still to be called. */
  handBack(work: Work, host: Host, { why, afterMs, before }: HandBack): void {
    const now = performance.now();
    const waitMs = why === 'silent' ? togetherMs : afterMs;
    work.before = { ...before, ms: before.ms + waitMs };
    if (why === 'unreachable') host.isUnreachable = true;
    if (why === 'silent') {
      const begun = host.begun.get(work)!;
      host.window.leftWaiting(host.silence.struck(begun, now), now - begun.at, now);
    }
    host.later += 1;
    this.#later.add(work, now + waitMs);
  }

  /** Whose requests without an answer may be taken back by now. One alone in flight has no others to be judged by. */
  silences(): Silence[] {
    const now = performance.now();
    const silences: Silence[] = [];
    for (const { name, begun, silence } of this.#hosts.values()) {
      const forMs = begun.size > 1 ? silence.tooLongMs(now) : undefined;
      if (forMs !== undefined) silences.push({ host: name, forMs });
    }
    return silences;
  }

  /** Milliseconds until a pause ends that holds work back, or another try is due; undefined where neither does. */
  nextMs(): number | undefined {
    const { nextAt } = this.#later;
    let next = nextAt === undefined ? undefined : Math.max(0, nextAt - performance.now());
    for (const { name } of this.#turns) {
      const { ms } = this.#pauses.remaining(name);
      if (ms > 0 && (next === undefined || ms < next)) next = ms;
    }
    return next;
  }

  /** Work that was taken has ended. */
  release(work: Work, host: Host): void {
    host.begun.delete(work);
    if (host.begun.size > 0 || host.waiting.length > 0 || host.later > 0) return;
    this.#hosts.delete(host.name);
    this.#windows.idle(host.name);
  }

  firstByte(name: string, ms: number): void {
    const host = this.#hosts.get(name);
    if (host === undefined) return;
    const now = performance.now();
    host.window.firstByte(host.begun.size, ms, now);
    host.silence.firstByte(ms, now);
    host.isUnreachable = false;
  }

  pause(name: string, pause: Pause): void {
    // Nobody waits when more was asked for: its work is handed on, to fail for that reason.
    if (!pause.asked || pause.ms <= this.#patienceMs) this.#pauses.announce(name, pause);
  }

  /** The host asked for less, in answer to a request that was begun `requestAgeMs` ago. */
  refused(name: string, requestAgeMs: number): void {
    const inFlight = this.#hosts.get(name)?.begun.size ?? 0;
    this.#windows.get(name).refused(inFlight, requestAgeMs, performance.now());
  }

  /** A request failed without a word of the host's. */
  failed(name: string, requestAgeMs: number): void {
    const host = this.#hosts.get(name);
    host?.window.failed(host.begun.size, requestAgeMs, performance.now());
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
    this.#later.clear();
    this.#size = 0;
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = {
        name,
        window: this.#windows.get(name),
        silence: new HostSilence(),
        begun: new Map(),
        waiting: [],
        later: 0,
        isUnreachable: false,
      };
      this.#hosts.set(name, host);
    }
    return host;
  }
}

function hostOf(work: Work): string {
  return URL.parse(work.item.url)?.host ?? '';
}
