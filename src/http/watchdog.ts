import type { RunSpec } from '../core/run-spec.ts';
import type { Silence } from '../core/silence.ts';
import { RequestError } from './request-error.ts';
import { takeBack, type Unanswered } from './take-back.ts';

/** Under this many bytes a second over the whole stall time counts as silence (curl's `--speed-limit`). */
const slowestBytesPerSecond = 1024;

/** What the watchdog knows of one transfer; the transfer itself keeps the figures up to date. */
export interface Watched extends Unanswered {
  readonly url: URL;
  /** On `performance.now()`. */
  readonly deadlineAt: number;
  /** When connecting began: once the address was known. */
  begunAt: number;
  /** When the request went out on a connection; 0 before that. */
  sentAt: number;
  /** Bytes received in all. */
  bytes: number;
  /** Of the answer's head, too; `sentAt` before that. */
  lastByteAt: number;
  /** Where the present window for slowness began. */
  windowAt: number;
  windowBytes: number;
  /** Held back by this side (a full disk queue, a rate limit): not the server's silence. */
  paused: boolean;
  abort(error: Error): void;
}

/** One timer that judges every transfer: its connecting, silence, slowness, and the end of an item's time. */
export class Watchdog {
  readonly #stallTimeoutMs: number;
  readonly #connectTimeoutMs: number;
  readonly #isLookingUp: (url: URL) => boolean;
  readonly #transfers = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { stallTimeoutMs, connectTimeoutMs }: Pick<RunSpec, 'stallTimeoutMs' | 'connectTimeoutMs'>,
    isLookingUp: (url: URL) => boolean,
  ) {
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#isLookingUp = isLookingUp;
  }

  watch(transfer: Watched): void {
    this.#transfers.add(transfer);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#check(), Math.max(10, Math.min(250, this.#stallTimeoutMs / 4)));
    }
  }

  release(transfer: Watched): void {
    this.#transfers.delete(transfer);
    if (this.#transfers.size === 0) this.close();
  }

  /** See `takeBack`. What has come in is looked at before: where this thread was busy for long, nobody was silent. */
  takeBack(silences: readonly Silence[]): void {
    setImmediate(() => takeBack(this.#transfers, silences));
  }

  abortAll(error: Error): void {
    for (const transfer of [...this.#transfers]) transfer.abort(error);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = performance.now();
    for (const transfer of [...this.#transfers]) {
      if (now >= transfer.deadlineAt) {
        transfer.abort(new RequestError('timeout', `${transfer.url.host}: not done within --timeout`));
      } else if (transfer.sentAt === 0) {
        // Of the parts of connecting, the connector bounds its own, but nobody a proxy's answer to CONNECT.
        if (this.#isLookingUp(transfer.url)) transfer.begunAt = now;
        else if (now - transfer.begunAt >= this.#connectTimeoutMs) {
          transfer.abort(
            new RequestError('connect', `${transfer.url.host}: not connected within --connect-timeout`),
          );
        }
      } else if (transfer.paused) {
        transfer.lastByteAt = transfer.windowAt = now;
        transfer.windowBytes = transfer.bytes;
      } else if (now - transfer.lastByteAt >= this.#stallTimeoutMs) {
        const seconds = this.#stallTimeoutMs / 1000;
        const what = transfer.lastByteAt === transfer.sentAt ? 'no answer' : 'no byte';
        transfer.abort(new RequestError('stalled', `${transfer.url.host}: ${what} for ${seconds} s`));
      } else if (now - transfer.windowAt >= this.#stallTimeoutMs) {
        const bytesPerSecond = ((transfer.bytes - transfer.windowBytes) * 1000) / (now - transfer.windowAt);
        // Before the first byte only silence counts: the server may think as long as it is allowed to.
        if (transfer.bytes > 0 && bytesPerSecond < slowestBytesPerSecond) {
          transfer.abort(new RequestError('stalled', `${transfer.url.host}: under 1 KiB a second`));
        } else {
          transfer.windowAt = now;
          transfer.windowBytes = transfer.bytes;
        }
      }
    }
  }
}
