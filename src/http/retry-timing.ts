/**
 * How long to wait before try `attempt` + 1 (from 1), in milliseconds: exponential back-off with full
 * jitter, `random() * min(cap, base * 2^(attempt - 1))`.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  return random() * longestBackOffMs(attempt);
}

/**
 * How long to leave a host alone that refuses everybody and does not say for how long, the `count`th time in a row (from 1): exponential,
 * with equal jitter, for what all wait for at once must not be over by chance as soon as it began.
 */
export function hostPauseMs(count: number, random: () => number = Math.random): number {
  return ((1 + random()) / 2) * longestBackOffMs(count);
}

const [baseMs, capMs] = [400, 20_000];

const longestBackOffMs = (attempt: number): number =>
  Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 20));

/** What asks for longer than three hundred years asks for ever. */
const longestSeconds = 1e10;

/**
 * `Retry-After` in milliseconds from now: seconds, or an HTTP date (RFC 9110, 10.2.3). Undefined where
 * it is neither; 0 for a date that has passed.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), longestSeconds) * 1000;
  // Date.parse takes almost anything; an HTTP date begins with the name of a day.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - nowMs), longestSeconds * 1000);
}
