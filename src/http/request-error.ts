import { type FailureCode, failures } from '../core/failures.ts';
import type { Failure } from '../core/outcome.ts';

/** In UTF-16 units: servers are quoted, and may be as wordy as they like. */
const longestMessage = 500;

const bounded = (message: string): string =>
  (message.length <= longestMessage ? message : `${message.slice(0, longestMessage)}…`).toWellFormed();

/** Why one request, or what was made of its answer, failed. Becomes the `error` of an outcome. Its message is short. */
export class RequestError extends Error {
  readonly code: FailureCode;
  readonly retryable: boolean;
  /** The answer's status, where there was one. */
  readonly status: number | undefined;
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The server said that it is over capacity: every wait for it counts against `--patience`. */
  readonly isOverCapacity: boolean;

  constructor(
    code: FailureCode,
    message: string,
    details: {
      cause?: unknown;
      retryable?: boolean;
      status?: number;
      retryAfterMs?: number | undefined;
      isOverCapacity?: boolean;
    } = {},
  ) {
    // Nobody sees its stack, which would cost more than the rest of an item that is not there.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(bounded(message), details.cause === undefined ? undefined : { cause: details.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'RequestError';
    this.code = code;
    this.retryable = details.retryable ?? failures[code].retryable;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.isOverCapacity = details.isOverCapacity ?? false;
  }

  get failure(): Failure {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }

  /** Whether the host, or the way to it, may have had too much to do: it said nothing of the request itself. */
  get isTrouble(): boolean {
    const silent = ['connect', 'connection-lost', 'stalled', 'timeout'].includes(this.code);
    return (silent || (this.status ?? 0) >= 500) && !this.slowsHost;
  }

  /** Whether the whole host should be given a pause, not only this item. */
  get slowsHost(): boolean {
    return this.status === 429 || this.status === 503;
  }
}
