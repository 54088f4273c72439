import type { Pause } from '../core/host-pauses.ts';
import type { Http } from './http.ts';
import { RequestError } from './request-error.ts';
import { backOffMs } from './retry-timing.ts';

export interface RetryTarget {
  /** `host:port`, whose pauses count. */
  host: string;
  /** On `performance.now()`: no wait goes past it. */
  deadlineAt: number;
  /** Whether no other try is worth it after this error, though it may pass with time. */
  isFinal?(error: RequestError): boolean;
}

/** An answer that asks for this much more than the pause that its host is in belongs to the same burst. */
const burstMs = 1000;

/**
 * Runs `attempt` until it succeeds, fails for good, or `--retries` are used up. Waits between tries:
 * what the server asked for (that, and waits for one that is over capacity, within `--patience` in sum),
 * and back-off with full jitter; and, before any try, the pause that its host is in.
 */
export async function withRetries<T>(http: Http, target: RetryTarget, attempt: () => Promise<T>): Promise<T> {
  const { spec, readmission } = http;
  let patienceMs = spec.patienceMs;
  let last: RequestError | undefined;
  for (let number = 1; ; number += 1) {
    const isReadmitted = last?.slowsHost === true;
    await untilAdmitted(http, target, number, last);
    const begunAt = performance.now();
    try {
      const result = await attempt();
      if (isReadmitted) readmission.leave(target.host, 'served');
      return result;
    } catch (error) {
      const wasRefused = error instanceof RequestError && error.slowsHost;
      if (isReadmitted) readmission.leave(target.host, wasRefused ? 'refused' : 'unanswered');
      if (!(error instanceof RequestError)) throw error;
      if (wasRefused) http.refused(target.host, performance.now() - begunAt);
      else if (error.isTrouble) http.troubled(target.host, performance.now() - begunAt);
      if (!error.retryable || target.isFinal?.(error)) throw error;
      last = error;
      const asked = error.retryAfterMs ?? 0;
      const backOff = backOffMs(number);
      pauseFor(http, target.host, error, backOff);
      if (asked > patienceMs) throw tooLong(target.host, asked, spec.patienceMs, error);
      if (number > spec.retries) throw error;
      patienceMs -= asked || (error.isOverCapacity ? backOff : 0);
      if (patienceMs < 0) throw error;
      await waitWithin(http, target, asked + backOff, last);
    }
  }
}

/**
 * Until the host's pause is over; and, for what it refused, until a few others that it had refused, too, are served.
 * Who was refused has to leave `http.readmission` after the try.
 */
async function untilAdmitted(
  http: Http,
  target: RetryTarget,
  number: number,
  last: RequestError | undefined,
): Promise<void> {
  const { spec, pauses, readmission } = http;
  for (;;) {
    for (let pause = pauses.remaining(target.host); pause.ms > 0; pause = pauses.remaining(target.host)) {
      const { ms, askedMs } = pause;
      // It said so already, to this item or another: it is not asked again to hear the same.
      if (askedMs > spec.patienceMs) throw tooLong(target.host, askedMs, spec.patienceMs, last);
      // Each with a jitter of its own, so that a host is not met by all at once when its pause ends.
      await waitWithin(http, target, ms + backOffMs(number), last);
    }
    if (last?.slowsHost !== true) return;
    await readmission.enter(target.host);
    const isLate = performance.now() >= target.deadlineAt;
    if (!isLate && pauses.remaining(target.host).ms === 0) return;
    readmission.leave(target.host, 'unanswered');
    if (isLate) await waitWithin(http, target, 0, last);
  }
}

/**
 * Pauses a host that has refused a request; for `backOff` ms where it does not say how long. Many in flight hear the
 * same: the first of them pauses the host, the others add nothing to it.
 */
export function pauseFor({ pauses }: Http, host: string, error: RequestError, backOff: number): void {
  if (!error.slowsHost) return;
  const asked = error.retryAfterMs ?? 0;
  const pause: Pause = { ms: asked || backOff, asked: asked > 0 };
  const { ms, askedMs } = pauses.remaining(host);
  const known = pause.asked ? askedMs : ms;
  if (known === 0 || pause.ms > known + burstMs) pauses.pause(host, pause);
}

async function waitWithin(
  http: Http,
  target: RetryTarget,
  ms: number,
  last: RequestError | undefined,
): Promise<void> {
  if (performance.now() + ms >= target.deadlineAt) {
    const why = last === undefined ? `${target.host} asked for a pause` : last.message;
    throw new RequestError('timeout', `${why}; the next try would begin after --timeout`, { cause: last });
  }
  await http.sleep(ms);
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
