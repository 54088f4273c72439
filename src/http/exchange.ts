import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type Dispatcher, errors } from 'undici';
import type { AddressRange } from '../core/item.ts';
import { classifyError } from './classify-error.ts';
import { onConnectionUse } from './connection-use.ts';
import type { Http } from './http.ts';
import { joinedHeaders } from './joined-headers.ts';
import { isRedirect, nextHop, reachOfHop } from './redirect.ts';
import { RequestError } from './request-error.ts';
import type { Watched } from './watchdog.ts';

export interface ExchangeRequest {
  url: URL;
  method?: 'GET' | 'POST';
  body?: string;
  /** For the first host alone; redirects to another lose them. */
  headers: Record<string, string>;
  /** For every host that redirects lead to: which part is asked for, and on what condition. */
  partHeaders?: Record<string, string>;
  reach: readonly AddressRange[];
  /** On `performance.now()`. */
  deadlineAt: number;
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
/** So many kept connections in turn may be found dead. */
const mostDead = 10;
/** An answer with more is no picture's; Node's own servers and clients have a limit of this order. */
const maxHeaders = 1000;

/**
 * One request and its answer, redirects included. Rejects with a `RequestError`, or with what the
 * receiver threw. Nothing is retried here.
 */
export async function exchange(http: Http, request: ExchangeRequest, receiver: Receiver): Promise<Exchange> {
  let { url, reach } = request;
  let headers = request.headers;
  for (let hop = 1; ; hop += 1) {
    const done = await sendToLiving(http, url, { ...request, headers, reach }, receiver);
    const location = done.head.headers.location;
    if (!isRedirect(done.head.status) || location === undefined) return done;
    if (request.body !== undefined) {
      throw new RequestError('redirect', `${url.host}: redirects what was posted, which is not sent again`);
    }
    const to = nextHop(url, location, hop, http.spec.allowDowngrade);
    receiver.redirect?.(to);
    reach = http.withAllowed(reachOfHop(http.connections.rangeOf(url), to.origin === url.origin));
    if (to.origin !== url.origin) headers = {};
    url = to;
  }
}

/**
 * A server may close a connection that it kept open in the very moment in which the next request is sent (RFC 9112,
 * 9.5). That says nothing of the request, which is sent again at once.
 */
async function sendToLiving(
  http: Http,
  url: URL,
  request: ExchangeRequest,
  receiver: Receiver,
): Promise<Exchange> {
  for (let lost = 0; ; lost += 1) {
    const transfer = new Transfer(http, url, request.deadlineAt, receiver);
    // undici lends a connection again one turn of the event loop after the answer before: without this
    // wait, whatever follows at once - the next item, the next hop - would open another one.
    await nextTurn();
    try {
      return await transfer.start(request, request.headers, request.reach);
    } catch (error) {
      const isLost = error instanceof RequestError && error.code === 'connection-lost';
      if (!(isLost && transfer.wasDead && request.body === undefined && lost < mostDead)) throw error;
    }
  }
}

/** One hop: an undici handler that keeps the watchdog's figures and hands the body on. */
class Transfer implements Dispatcher.DispatchHandler, Watched {
  readonly url: URL;
  readonly deadlineAt: number;
  begunAt = 0;
  sentAt = 0;
  bytes = 0;
  lastByteAt = 0;
  windowAt = 0;
  windowBytes = 0;
  paused = false;

  readonly #http: Http;
  readonly #receiver: Receiver;
  #controller: Dispatcher.DispatchController | undefined;
  #head: ResponseHead | undefined;
  #isReused = false;
  #wanted = false;
  /** Why the body is not wanted, where it is an error. */
  #refusal: Error | undefined;
  #settled = false;
  #resolve!: (exchange: Exchange) => void;
  #reject!: (error: Error) => void;

  constructor(http: Http, url: URL, deadlineAt: number, receiver: Receiver) {
    this.#http = http;
    this.url = url;
    this.deadlineAt = deadlineAt;
    this.#receiver = receiver;
  }

  start(request: ExchangeRequest, headers: Record<string, string>, reach: readonly AddressRange[]) {
    return new Promise<Exchange>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#http.stopped !== undefined) throw this.#http.stopped;
      const { url } = this;
      const dispatcher = this.#http.connections.dispatcher(url, reach);
      this.begunAt = performance.now();
      this.#http.watchdog.watch(this);
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method ?? 'GET',
          body: request.body ?? null,
          headers: { ...this.#http.headersFor(url, headers), ...request.partHeaders },
        },
        this,
      );
    }).catch((error: unknown) => {
      this.#http.watchdog.release(this);
      throw classifyError(error, this.url);
    });
  }

  /** Nothing came back on a connection that had carried others before. */
  get wasDead(): boolean {
    return this.#isReused && this.#head === undefined;
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
    onConnectionUse((isReused) => {
      this.#isReused = isReused;
    });
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

  #settle(error: Error | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#http.watchdog.release(this);
    if (error !== undefined) this.#reject(error);
    else this.#resolve({ head: this.#head!, endedAt: performance.now() });
  }
}
