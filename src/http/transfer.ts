import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { GallopError } from '../core/errors.ts';
import type { AddressRange } from '../core/item.ts';
import { classifyError } from './classify-error.ts';
import { type ConnectionUser, tellConnectionUse } from './connection-use.ts';
import type { Http } from './http.ts';
import { joinedHeaders } from './joined-headers.ts';
import { isRedirect } from './redirect.ts';
import { RequestError } from './request-error.ts';
import type { Unanswered } from './take-back.ts';
import { errors } from './undici.ts';
import type { Watched } from './watchdog.ts';

/** What is asked for, beside where. */
export interface Sent {
  method?: 'GET' | 'POST';
  body?: string;
  /** For every host that redirects lead to: which part is asked for, and on what condition. */
  partHeaders?: Record<string, string>;
}

export interface ResponseHead {
  status: number;
  headers: IncomingHttpHeaders;
  /** After redirects. */
  url: URL;
  /** When the (last) request went out on a connection, on `performance.now()`. */
  sentAt: number;
  firstByteAt: number;
}

/** Takes an answer as it arrives. Whatever it throws is what the exchange rejects with. */
export interface Receiver {
  /** The head of the last answer, redirects followed. Throws where its body is not wanted. */
  head(head: ResponseHead): void;
  /** A piece of the body; nothing more is read until the promise, if any, settles. */
  data(chunk: Buffer): Promise<void> | undefined;
  /** Asked after each piece: whether the rest of the body is not wanted, and the answer ends here, as a success. */
  readonly hasEnough?: boolean;
  /** Before a redirect is followed. */
  redirect?(to: URL): void;
}

export interface Exchange {
  head: ResponseHead;
  /** On `performance.now()`. */
  endedAt: number;
}

/** Unwanted bodies up to this size are read to the end, so that the connection can be used again. */
const drainBytes = 64 * 1024;
/** An answer with more is no picture's; Node's own servers and clients have a limit of this order. */
const maxHeaders = 1000;

/** One hop: an undici handler that keeps the watchdog's figures and hands the body on. */
export class Transfer implements Dispatcher.DispatchHandler, Watched, Unanswered, ConnectionUser {
  readonly url: URL;
  readonly deadlineAt: number;
  readonly waitsFor: string | undefined;
  begunAt = 0;
  sentAt = 0;
  bytes = 0;
  lastByteAt = 0;
  windowAt = 0;
  windowBytes = 0;
  paused = false;
  isReused = false;

  readonly #http: Http;
  readonly #receiver: Receiver;
  #controller: Dispatcher.DispatchController | undefined;
  #head: ResponseHead | undefined;
  #wanted = false;
  /** Why the body is not wanted, where it is an error. */
  #refusal: Error | undefined;
  #settled = false;
  #error: RequestError | GallopError | undefined;
  #resolve!: (exchange: Exchange) => void;
  #reject!: (error: Error) => void;

  constructor(http: Http, url: URL, deadlineAt: number, receiver: Receiver, waitsFor?: string) {
    this.#http = http;
    this.url = url;
    this.deadlineAt = deadlineAt;
    this.waitsFor = waitsFor;
    this.#receiver = receiver;
  }

  /** Rejects with a `RequestError`, or with what ends the run. */
  send(what: Sent, headers: Record<string, string>, reach: readonly AddressRange[]): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      // undici lends a connection again one turn of the event loop after the answer before: without this
      // wait, whatever follows at once - the next item, the next hop - would open another one.
      setImmediate(() => {
        try {
          this.#dispatch(what, headers, reach);
        } catch (error) {
          this.#settle(error);
        }
      });
    });
  }

  #dispatch(what: Sent, headers: Record<string, string>, reach: readonly AddressRange[]): void {
    const { url } = this;
    const http = this.#http;
    if (http.stopped !== undefined) throw http.stopped;
    const dispatcher = http.connections.dispatcher(url, reach);
    const sent = http.headersFor(url, headers);
    this.begunAt = performance.now();
    http.watchdog.watch(this);
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: what.method ?? 'GET',
        body: what.body ?? null,
        headers: what.partHeaders === undefined ? sent : { ...sent, ...what.partHeaders },
      },
      this,
    );
  }

  /** Lost, with nothing that came back, on a connection that had carried others before. */
  get wasDead(): boolean {
    return this.isReused && this.#head === undefined && this.#error?.code === 'connection-lost';
  }

  get isUnheard(): boolean {
    return !this.isReused && this.#head === undefined;
  }

  abort(error: Error): void {
    this.#settle(this.#refusal ?? error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) {
      controller.abort(new RequestError('connection-lost', 'given up'));
      return;
    }
    this.sentAt = this.lastByteAt = this.windowAt = performance.now();
    tellConnectionUse(this);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200 || this.#settled) return;
    const { url } = this;
    const firstByteAt = performance.now();
    this.lastByteAt = this.windowAt = firstByteAt;
    const { rawHeaders } = controller;
    if (Array.isArray(rawHeaders) && rawHeaders.length > 2 * maxHeaders) {
      this.abort(new RequestError('protocol', `${url.host}: over ${maxHeaders} headers`));
      return;
    }
    this.#head = { status, headers: joinedHeaders(headers), url, sentAt: this.sentAt, firstByteAt };
    if (!isRedirect(status) || headers.location === undefined) {
      try {
        this.#receiver.head(this.#head);
        this.#wanted = true;
      } catch (error) {
        this.#refusal = error as Error;
      }
    }
    if (!this.#wanted && Number(headers['content-length']) > drainBytes) this.#finish(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.bytes += chunk.length;
    this.lastByteAt = performance.now();
    if (!this.#wanted) {
      if (this.bytes > drainBytes) this.#finish(controller);
      return;
    }
    this.#http.received(chunk.length);
    let ready: Promise<void> | undefined;
    try {
      ready = this.#receiver.data(chunk);
    } catch (error) {
      this.abort(error as Error);
      return;
    }
    const delayMs = this.#http.rateLimit?.take(chunk.length) ?? 0;
    if (this.#receiver.hasEnough === true) {
      // What the receiver has under way it waits for itself.
      ready?.catch(() => {});
      this.#finish(controller);
      return;
    }
    if (ready === undefined && delayMs === 0) return;
    this.paused = true;
    controller.pause();
    Promise.all([ready, delayMs > 0 ? delay(delayMs) : undefined]).then(
      () => {
        if (this.#settled) return;
        this.paused = false;
        this.lastByteAt = performance.now();
        controller.resume();
      },
      (error: Error) => this.abort(error),
    );
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#settle(this.#refusal ?? this.#brokenFraming(error) ?? error);
  }

  /** What undici takes for a lost connection, though the server closed it in order. */
  #brokenFraming(cause: Error): RequestError | undefined {
    const { host } = this.url;
    if (this.#head === undefined) {
      // It counts a body against a Content-Length even where the headers were refused, or cut off.
      if (!(cause instanceof errors.ResponseContentLengthMismatchError)) return undefined;
      return new RequestError('protocol', `${host}: broken headers`, { cause, retryable: true });
    }
    if (!(cause instanceof errors.SocketError)) return undefined;
    if (this.#head.headers['transfer-encoding'] === undefined) return undefined;
    return new RequestError('protocol', `${host}: ended before its last chunk`, { cause, retryable: true });
  }

  /** With a controller given, the rest of the answer is not read. */
  #finish(unread?: Dispatcher.DispatchController): void {
    this.#settle(this.#refusal);
    unread?.abort(new RequestError('connection-lost', `${this.url.host}: the rest is not wanted`));
  }

  #settle(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#http.watchdog.release(this);
    if (error !== undefined) {
      this.#error = classifyError(error, this.url);
      this.#reject(this.#error);
    } else {
      this.#resolve({ head: this.#head!, endedAt: performance.now() });
    }
  }
}
