import type { Http } from './http.ts';
import { RequestError } from './request-error.ts';
import { backOffMs, hostPauseMs } from './retry-timing.ts';

export interface RetryTarget {
  /** `host:port`, whose pauses count. */
  host: string;
  /** On `performance.now()`: no wait goes past it. */
  deadlineAt: number;
  /** Whether no other try is worth it after this error, though it may pass with time. */
  isFinal?(error: RequestError): boolean;
  /** Tries begun before, elsewhere; 0 unless given. */
  triesBefore?: number;
  /** Before a wait of `ms` that ends in time. May throw, where it is waited elsewhere. */
  beforeWait?(error: RequestError, ms: number): void;
}

/** An answer that asks for this much more than the pause that its host is in belongs to the same burst. */
const burstMs = 1000;
/** A host that refuses everybody without a word of how long is waited for, however short `--patience` is. */
const leastPatienceMs = 10_000;

/**
 * Runs `attempt` until it succeeds, fails for good, or `--retries` are used up. Waits between tries:
 * what the server asked for (that, and waits for one that is over capacity, within `--patience` in sum),
 * and back-off with full jitter; and, before any try, the pause that its host is in.
 */
export async function withRetries<T>(http: Http, target: RetryTarget, attempt: () => Promise<T>): Promise<T> {
  const { spec, readmission, refusals } = http;
  let patienceMs = spec.patienceMs;
  let last: RequestError | undefined;
  for (let number = 1 + (target.triesBefore ?? 0); ; number += 1) {
    const isReadmitted = await untilAdmitted(http, target, number, last);
    const begunAt = performance.now();
    try {
      const result = await attempt();
      refusals.answered(target.host);
      if (isReadmitted) readmission.leave(target.host, 'served');
      return result;
    } catch (error) {
      const wasRefused = error instanceof RequestError && error.slowsHost;
      if (isReadmitted) readmission.leave(target.host, wasRefused ? 'refused' : 'unanswered');
      if (!(error instanceof RequestError)) throw error;
      if (wasRefused) takeRefusal(http, target.host, error, begunAt, number);
      else if (error.isTrouble) http.troubled(target.host, performance.now() - begunAt);
      else if (error.status !== undefined) refusals.answered(target.host);
      if (!error.retryable || target.isFinal?.(error)) throw error;
      last = error;
      const asked = error.retryAfterMs ?? 0;
      const backOff = backOffMs(number);
      if (asked > patienceMs) throw tooLong(target.host, asked, spec.patienceMs, error);
      if (number > spec.retries || (asked === 0 && isGivenUp(http, target.host))) throw error;
      patienceMs -= asked || (error.isOverCapacity ? backOff : 0);
      if (patienceMs < 0) throw error;
      if (performance.now() + asked + backOff < target.deadlineAt) {
        target.beforeWait?.(error, asked + backOff);
      }
      await waitWithin(http, target, asked + backOff, last);
    }
  }
}

/**
 * Until the host's pause is over; and, for what it refused and while it refuses everybody, until a few others that
 * wait for the same are served. Returns whether it is one of those, and has to leave `http.readmission` after the try.
 */
async function untilAdmitted(
  http: Http,
  target: RetryTarget,
  number: number,
  last: RequestError | undefined,
): Promise<boolean> {
  const { spec, pauses, readmission, refusals } = http;
  for (;;) {
    for (let pause = pauses.remaining(target.host); pause.ms > 0; pause = pauses.remaining(target.host)) {
      const { ms, askedMs } = pause;
      // It said so already, to this item or another: it is not asked again to hear the same.
      if (askedMs > spec.patienceMs) throw tooLong(target.host, askedMs, spec.patienceMs, last);
      // Each with a jitter of its own, so that a host is not met by all at once when its pause ends.
      await waitWithin(http, target, ms + backOffMs(number), last);
    }
    if (last?.slowsHost !== true && !refusals.isShut(target.host)) return false;
    const isInside = await readmission.enter(target.host, target.deadlineAt - performance.now());
    const isLate = !isInside || performance.now() >= target.deadlineAt;
    if (!isLate && pauses.remaining(target.host).ms === 0) return true;
    if (isInside) readmission.leave(target.host, 'unanswered');
    if (isLate) throw late(target, last);
  }
}

/**
 * A host has refused a request that was begun then, at the `number`th try. It is paused for as long as it says; where it
 * does not say, only if it refuses most, and longer each time. Many in flight hear the same: the first of them pauses
 * the host, the others add nothing to it.
 */
export function takeRefusal(
  http: Http,
  host: string,
  error: RequestError,
  begunAt: number,
  number: number,
): void {
  const { pauses, refusals } = http;
  const now = performance.now();
  http.refused(host, now - begunAt);
  const count = refusals.refused(host, begunAt, now);
  const askedMs = error.retryAfterMs ?? 0;
  if (askedMs > 0) {
    const known = pauses.remaining(host).askedMs;
    if (known === 0 || askedMs > known + burstMs) pauses.pause(host, { ms: askedMs, asked: true });
  } else if (count > 0) {
    const ms = hostPauseMs(isGivenUp(http, host) ? 1 : Math.max(count, number));
    pauses.pause(host, { ms, asked: false });
  }
}

/** Whether a host has refused everybody for so long that who waits for it any longer does so in vain. */
const isGivenUp = ({ spec, refusals }: Http, host: string): boolean =>
  refusals.shutMs(host, performance.now()) > Math.max(leastPatienceMs, spec.patienceMs);

async function waitWithin(
  http: Http,
  target: RetryTarget,
  ms: number,
  last: RequestError | undefined,
): Promise<void> {
  if (performance.now() + ms >= target.deadlineAt) throw late(target, last);
  await http.sleep(ms);
}

function late(target: RetryTarget, last: RequestError | undefined): RequestError {
  const why = last === undefined ? `${target.host} asked for a pause` : last.message;
  return new RequestError('timeout', `${why}; the next try would begin after --timeout`, { cause: last });
}

function tooLong(
  host: string,
  askedMs: number,
  patienceMs: number,
  cause: RequestError | undefined,
): RequestError {
  const at = new Date(Date.now() + askedMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const patience = askedMs > patienceMs ? 'more than' : 'with the waits before it more than';
  return new RequestError(
    'throttled',
    `${host} asks to wait ${Math.ceil(askedMs / 1000)} s, until ${at}: ${patience} --patience (${patienceMs / 1000} s)`,
    { cause },
  );
}
