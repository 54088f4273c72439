import type { AddressRange } from '../core/item.ts';
import type { Http } from './http.ts';
import { isRedirect, nextHop, reachOfHop } from './redirect.ts';
import { RequestError } from './request-error.ts';
import { type Exchange, type Receiver, type Sent, Transfer } from './transfer.ts';

export interface ExchangeRequest extends Sent {
  url: URL;
  /** For the first host alone; redirects to another lose them. */
  headers: Record<string, string>;
  reach: readonly AddressRange[];
  /** On `performance.now()`. */
  deadlineAt: number;
  /** The host whose silence may have it taken back (`Http.takeBack`), with a `TakenBackError`; redirects included. */
  waitsFor?: string | undefined;
  /** Aborted with the error that the exchange is to reject with. */
  signal?: AbortSignal;
}

/** So many kept connections in turn may be found dead. */
const mostDead = 10;

/**
 * One request and its answer, redirects included. Rejects with a `RequestError`, or with what the
 * receiver threw. Nothing is retried here.
 */
export async function exchange(http: Http, request: ExchangeRequest, receiver: Receiver): Promise<Exchange> {
  const { signal } = request;
  let { url, reach, headers } = request;
  for (let hop = 1, lost = 0; ; ) {
    signal?.throwIfAborted();
    const transfer = new Transfer(http, url, request.deadlineAt, receiver, request.waitsFor);
    const onAbort = signal && (() => transfer.abort(signal.reason as Error));
    signal?.addEventListener('abort', onAbort!);
    let done: Exchange;
    try {
      done = await transfer.send(request, headers, reach);
    } catch (error) {
      // A server may close a connection that it kept open in the very moment in which the next request is
      // sent (RFC 9112, 9.5). That says nothing of the request, which is sent again at once.
      if (!transfer.wasDead || request.body !== undefined || lost >= mostDead) throw error;
      lost += 1;
      continue;
    } finally {
      signal?.removeEventListener('abort', onAbort!);
    }
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
    hop += 1;
    lost = 0;
  }
}
