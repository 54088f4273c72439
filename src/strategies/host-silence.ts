/** A first packet that is lost takes as long (RFC 6298, 2.1 and 2.4): less is no silence. */
const leastMs = 1000;
/** So many times the longest that an answer took lately is too long. */
const tooLong = 3;
/** What was asked so much later, as a share of that time, and was answered, has overtaken. */
const overtaken = 0.25;
/** The longest is forgotten by so much with each answer, and so is that it has struck. */
const fading = 0.99;
/** Fewer answers say little. */
const leastAnswers = 5;

/** When a download began, and as how many-th at the same time. */
export interface Begun {
  at: number;
  inFlight: number;
}

/**
 * Tells when a host leaves requests without a word while it answers others: those wait in its backlog, behind connections
 * that it keeps, and may wait for as long as these are used. Two things have to come together: a request is silent
 * for several times what answers take, and what was asked well after it was answered. A host that is slow, or becomes
 * slow, answers nobody sooner.
 *
 * It goes by the longest answer of late, not by a mean with deviations as TCP's timer does (RFC 6298): answers from a
 * cache and others make two heaps, between which a mean says nothing. As TCP's (5.5), it is twice as patient after it
 * has struck, until answers have come in. Times are of `performance.now()`.
 */
export class HostSilence {
  #longestMs = 0;
  #answers = 0;
  /** When the latest of the requests was sent that were answered. */
  #latestSentAt = Number.NEGATIVE_INFINITY;
  #patience = 1;
  #struckAt = Number.NEGATIVE_INFINITY;
  /** What was taken back of those that began before it had struck. */
  #burst: Begun[] = [];

  /** An answer began, `ms` after its request. */
  firstByte(ms: number, now: number): void {
    this.#answers += 1;
    this.#longestMs = Math.max(ms, fading * this.#longestMs);
    this.#patience = Math.max(1, fading * this.#patience);
    this.#latestSentAt = Math.max(this.#latestSentAt, now - ms);
  }

  /** For how long a request has to have been silent, by now; undefined where nothing can be said. */
  tooLongMs(now: number): number | undefined {
    if (this.#answers < leastAnswers) return undefined;
    const ms = Math.max(leastMs, tooLong * this.#longestMs);
    const overtakenMs = now - this.#latestSentAt + overtaken * ms;
    return Math.max(this.#patience * ms, overtakenMs);
  }

  /**
   * A request was taken back. Returns how many the host served at the same time: of those in flight when the request
   * began, all that were not silent by then.
   */
  struck(request: Begun, now: number): number {
    if (request.at > this.#struckAt) {
      this.#patience *= 2;
      this.#burst = [];
    }
    this.#struckAt = now;
    this.#burst.push(request);
    this.#burst.sort((a, b) => a.at - b.at || a.inFlight - b.inFlight);
    return Math.max(1, ...this.#burst.map(({ inFlight }, silent) => inFlight - 1 - silent));
  }
}
