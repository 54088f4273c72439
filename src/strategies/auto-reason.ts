import type { WindowEvent } from '../core/events.ts';
import type { FailureCode } from '../core/failures.ts';
import type { Outcome } from '../core/outcome.ts';

/** What keeps `auto` from having more in flight. */
export type Limit =
  | Exclude<WindowEvent['state'], 'ceiling'>
  | 'concurrency'
  | 'per-host'
  | 'files'
  | 'pauses'
  | 'pixels';

/** Each limit as a window's state, and as a clause for people. */
const limits: Record<Limit, [state: WindowEvent['state'], clause: string]> = {
  growing: ['growing', 'it ended while more still paid'],
  flat: ['flat', 'more brought no more'],
  probing: ['probing', 'more brought no more'],
  concurrency: ['ceiling', 'no more were allowed (--concurrency)'],
  'per-host': ['ceiling', 'one host may have no more (--per-host)'],
  files: ['ceiling', 'this machine allows no more open files'],
  hosts: ['hosts', 'the host takes no more'],
  pauses: ['hosts', 'the host had to be waited for'],
  pixels: ['computing', 'computing the pictures was the limit, not waiting'],
  computing: ['computing', 'computing was the limit, not waiting'],
  memory: ['memory', 'memory was short'],
  names: ['names', 'the name servers did not keep up'],
};

/** Failures in which the server said nothing. */
const silent: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'dns',
  'connect',
  'connection-lost',
  'stalled',
  'timeout',
]);

/** Why `auto` had so many in flight and not more. It is told what happens, and says what it comes to. */
export class AutoReason {
  #limit: Limit = 'growing';
  /** Something was there to be begun, and was not at once. */
  #hasWaited = false;
  #hasAnswers = false;
  #peakInFlight = 0;
  #ended = 0;
  #failed = 0;
  #throttled = 0;
  #silent = 0;

  get state(): WindowEvent['state'] {
    return limits[this.#limit][0];
  }

  /** Something waits, and this is what it waits for. */
  held(limit: Limit): void {
    this.#limit = limit;
    this.#hasWaited = true;
  }

  answered(): void {
    this.#hasAnswers = true;
  }

  /** A download ended, one of `inFlight`; `backlog` wait to be begun in its place. */
  ended({ status, error }: Outcome, inFlight: number, backlog: number): void {
    this.#hasWaited ||= backlog > 0;
    this.#peakInFlight = Math.max(this.#peakInFlight, inFlight);
    this.#ended += 1;
    if (status !== 'failed') return;
    this.#failed += 1;
    if (error?.code === 'throttled') this.#throttled += 1;
    else if (error !== undefined && silent.has(error.code)) this.#silent += 1;
  }

  /** A clause without its full stop; null where nothing was downloaded. `details` go with what was found in the run. */
  say(details: readonly string[]): string | null {
    if (this.#ended === 0) return null;
    if (!this.#hasWaited) {
      if (this.#ended === 1) return 'there was one item only';
      return this.#peakInFlight >= this.#ended ? 'everything at once' : 'nothing had to wait';
    }
    if (this.#failed < this.#ended) return [limits[this.#limit][1], ...details].join('; ');
    if (this.#throttled === this.#failed) return 'every item was asked to wait';
    return this.#silent === this.#failed && !this.#hasAnswers ? 'nothing was answered' : 'nothing was saved';
  }
}
