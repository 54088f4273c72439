import { RefusalNoise } from './refusal-noise.ts';
import { slowStartGain } from './slow-start.ts';

/** What one host was good for when it was last asked. */
export interface HostExperience {
  /** In flight, and well. */
  window: number;
  /** In flight, and too much: the host said so (429, 503), refused or did not answer. Null where nothing was. */
  tooMuch: number | null;
  /** More in flight had brought no more. */
  wasEnough: boolean;
}

/**
 * From here on slow start is half as fast: what a host takes is passed by as much as the window grows in the round trip
 * until the first refusal comes.
 */
const cautiousFrom = 32;
/**
 * Of what was too much, so much is held for right: what is in flight here is not what the server counts, which
 * sees a request later and forgets it earlier, now more of them and now less.
 */
const rightShare = 0.85;
/** And so much is kept at first; TCP, which has no better estimate than what it had in flight, keeps 0.7. */
const keptShare = 0.75;
/** Where it was not even back to what was held for right, less was right than it seemed: a limit on the rate, for instance. */
const keptOnTheWay = 0.6;
/** It takes so long until what is held for right is in flight again. */
const returnMs = 3000;
/** Once it is back, it gains as much as it had lost in so long; twice as long each time that the same proves right. */
const firstProbeMs = 10_000;
const longestProbeMs = 80_000;
/** Requests that fail without a word (refused, lost, not answered in time) are too many from this share on. */
const troubleShare = 0.2;
/** Weight of one request in that share. */
const troubleWeight = 0.05;

/**
 * How many downloads one host may have in flight.
 *
 * Slow start: more with each first byte, so that the window doubles in a round trip (`slowStartGain`, with
 * first bytes in the place of acknowledgements: a download is over much later). What the host shows to be
 * too much ends it. From then on the window comes near what was still right ever more slowly, stays there
 * for a while, and passes it carefully: `W(t) = C (t - K)^3 + Wmax` (RFC 9438, 4.2), where `Wmax` is the
 * largest number that was still right, `K` the time until it is reached again, and `C` follows from both. Unlike
 * TCP's it is not symmetric: the way back is short, for what is right is known, and the way beyond is long, for
 * a host that refuses may ask for a pause of seconds. Only time in which the window was filled counts
 * (RFC 9438, 5.8). What it lost is given back where fewer in flight were refused as often (`RefusalNoise`).
 *
 * Times are of `performance.now()`.
 */
export class HostWindow {
  readonly ceiling: number;
  readonly #initial: number;
  readonly #remembered: HostExperience | undefined;
  #size: number;
  /** Undefined until something was. */
  #tooMuch: number | undefined;
  /** Where the way back began, how long the way beyond takes, and how much of both is behind. */
  #from = 1;
  #probeMs = firstProbeMs;
  #elapsedMs = 0;
  #lastByteAt = Number.POSITIVE_INFINITY;
  #shrunkAt = Number.NEGATIVE_INFINITY;
  /** When so many were in flight for the first time since the window shrank. */
  #reachedAt: number[] = [];
  /** The last one: how large the window was, how many were in flight when its first word came, and how many were refused. */
  #burst = { size: 0, inFlight: 0, refusals: 0, wasOnTheWay: false };
  readonly #noise = new RefusalNoise();
  /** Before it shrank, and shrank again. */
  #before: { size: number; tooMuch: number | undefined } | undefined;
  #trouble = 0;
  #hasAnswered = false;
  /** Until a first byte: what takes longer waits in a queue. */
  #leastMs = Number.POSITIVE_INFINITY;
  #peak = 1;

  constructor(initial: number, ceiling: number, experience?: HostExperience) {
    this.ceiling = ceiling;
    this.#initial = initial;
    this.#remembered = experience;
    this.#size = Math.min(ceiling, experience?.window ?? initial);
    const tooMuch = experience?.tooMuch ?? null;
    if (tooMuch === null || tooMuch > ceiling) return;
    this.#tooMuch = tooMuch;
    this.#size = this.#from = Math.min(this.#size, this.#right);
  }

  get limit(): number {
    return Math.floor(this.#size);
  }

  /** What an earlier run found of it. */
  get remembered(): HostExperience | undefined {
    return this.#remembered;
  }

  /** Whether it was ever told that something was too much. */
  get wasTooMuch(): boolean {
    return this.#tooMuch !== undefined;
  }

  /**
   * Worth to be known the next time; undefined where nothing is. `allowed`: by the run, for other reasons than this host;
   * `wasEnough`: for more would have brought no more.
   */
  experience(allowed: number, wasEnough: boolean): HostExperience | undefined {
    const tried = Math.max(1, Math.min(this.limit, this.#peak, allowed));
    const before = this.#remembered;
    // What was found last was not tried since.
    if (!this.#hasAnswered) return before;
    if (this.#tooMuch !== undefined) return { window: tried, tooMuch: this.#tooMuch, wasEnough };
    // There was too little to do to show anything else.
    if (before !== undefined && this.#peak < 0.8 * this.limit) return before;
    if (before === undefined && tried <= this.#initial) return undefined;
    return { window: Math.max(tried, this.#initial), tooMuch: null, wasEnough };
  }

  /** A download began, as the `inFlight`th at the same time. */
  begun(inFlight: number, now: number): void {
    this.#peak = Math.max(this.#peak, inFlight);
    while (this.#reachedAt.length <= inFlight) this.#reachedAt.push(now);
  }

  /** An answer began, `ms` after its request, and it is not one that asks for less. */
  firstByte(inFlight: number, ms: number, now: number): void {
    this.#noise.answered(false, now - ms);
    this.#trouble *= 1 - troubleWeight;
    this.#hasAnswered = true;
    this.#leastMs = Math.min(this.#leastMs, ms);
    // Longer than that nothing was asked: the host paused.
    const sinceMs = Math.min(500, Math.max(0, now - this.#lastByteAt));
    this.#lastByteAt = now;
    // What was not in flight cannot show that it is right.
    if (inFlight < 0.8 * this.limit) return;
    if (this.#tooMuch === undefined) {
      const share = this.#size < cautiousFrom ? 1 : 0.5;
      this.#size = Math.min(this.ceiling, this.#size + share * slowStartGain(this.#leastMs));
      return;
    }
    this.#elapsedMs += sinceMs;
    const beyondMs = this.#elapsedMs - returnMs;
    const way = beyondMs / (beyondMs < 0 ? returnMs : this.#probeMs);
    // Where there is no way back, as from one to one, it is passed all the same.
    const distance = Math.max(this.#right - this.#from, 1);
    this.#size = Math.min(this.ceiling, Math.max(1, this.#right + distance * way ** 3));
  }

  /**
   * The host asked for less (429, 503), in answer to a request that was begun `ageMs` ago. What was begun before the
   * window shrank belongs to the burst that shrank it, and tells how many of those in flight were too many.
   */
  refused(inFlight: number, ageMs: number, now: number): void {
    this.#noise.answered(true, now - ageMs);
    this.#asksForLess(inFlight, now - ageMs, now);
  }

  #asksForLess(inFlight: number, begunAt: number, now: number): void {
    if (begunAt <= this.#shrunkAt) this.#refusedWithOthers();
    else if (this.#noise.isNoise()) this.#giveBack();
    else this.#shrink(inFlight, begunAt, now);
  }

  #refusedWithOthers(): void {
    this.#burst.refusals += 1;
    const { inFlight, refusals } = this.#burst;
    const served = inFlight - refusals;
    if (served <= 0) this.#startAnew();
    else if (served + 1 < (this.#tooMuch ?? 0)) this.#startBack(served + 1);
    this.#noise.shrunkFurther(this.#size, refusals / inFlight);
  }

  #shrink(inFlight: number, begunAt: number, now: number): void {
    if (this.#before === undefined || !this.#noise.isTesting) {
      this.#before = { size: this.#size, tooMuch: this.#tooMuch };
    }
    const then = this.#reachedAt.findLastIndex((at) => at <= begunAt);
    const tooMuch = then > 0 ? then : inFlight;
    const before = this.#tooMuch ?? 0;
    const isFoundAgain = Math.abs(tooMuch - before) <= 0.25 * before;
    this.#probeMs = isFoundAgain ? Math.min(longestProbeMs, 2 * this.#probeMs) : firstProbeMs;
    this.#burst = { size: this.#size, inFlight, refusals: 1, wasOnTheWay: this.#isOnTheWay };
    this.#shrunkAt = this.#lastByteAt = now;
    if (inFlight <= 1) this.#startAnew();
    else this.#startBack(tooMuch);
    this.#noise.shrunk(inFlight, this.#size, now);
  }

  #giveBack(): void {
    if (this.#before === undefined) return;
    const { size, tooMuch } = this.#before;
    this.#before = undefined;
    this.#forgetWay();
    this.#tooMuch = tooMuch;
    this.#size = this.#from = Math.max(size, this.#size);
    this.#elapsedMs = returnMs;
    // What is still to come of it says nothing more.
    this.#burst = { ...this.#burst, refusals: 0, inFlight: Number.POSITIVE_INFINITY };
  }

  get #isOnTheWay(): boolean {
    return this.#tooMuch !== undefined && this.#elapsedMs < returnMs;
  }

  /** Everything was refused: that says nothing of how many would not be. It begins again, with less each time. */
  #startAnew(): void {
    this.#tooMuch = undefined;
    this.#size = Math.max(1, Math.min(this.#burst.size, this.#initial) / 2);
    this.#forgetWay();
  }

  #startBack(tooMuch: number): void {
    this.#tooMuch = Math.max(1, tooMuch);
    const share = this.#burst.wasOnTheWay ? keptOnTheWay : keptShare;
    this.#size = this.#from = Math.max(1, Math.min(share * this.#tooMuch, this.#size));
    this.#forgetWay();
  }

  #forgetWay(): void {
    this.#elapsedMs = 0;
    this.#trouble = 0;
    this.#hasAnswered = false;
    this.#reachedAt = [];
  }

  /**
   * A request failed without a word: refused, lost, not answered in time. The window shrinks where many fail among
   * others that are answered: a host that answers nobody is not waiting for fewer requests.
   */
  failed(inFlight: number, ageMs: number, now: number): void {
    this.#noise.answered(true, now - ageMs);
    this.#trouble += troubleWeight * (1 - this.#trouble);
    if (this.#hasAnswered && this.#trouble > troubleShare && now - ageMs > this.#shrunkAt) {
      this.#asksForLess(inFlight, now - ageMs, now);
    }
  }

  /**
   * A request was taken back that got no answer for `ageMs` while others did: the host serves so many at once, and lets
   * more wait. They are all kept, for that is no estimate.
   */
  leftWaiting(served: number, ageMs: number, now: number): void {
    if (now - ageMs > this.#shrunkAt) {
      const isFoundAgain = this.#tooMuch !== undefined && served >= 0.75 * this.#right;
      this.#probeMs = isFoundAgain ? Math.min(longestProbeMs, 2 * this.#probeMs) : firstProbeMs;
      this.#burst = { size: this.#size, inFlight: served + 1, refusals: 1, wasOnTheWay: false };
    }
    this.#tooMuch = served / rightShare;
    this.#size = this.#from = Math.min(served, this.#burst.size);
    this.#shrunkAt = this.#lastByteAt = now;
    this.#forgetWay();
    this.#elapsedMs = returnMs;
  }

  /** `Wmax`. */
  get #right(): number {
    return Math.max(1, rightShare * (this.#tooMuch ?? this.ceiling));
  }
}
