import type { Silence } from '../core/silence.ts';
import { RequestError } from './request-error.ts';

/** A request that may be taken back: what is known of it. Times are of `performance.now()`. */
export interface Unanswered {
  /** Whose silence counts; undefined where the request is not to be taken back. */
  readonly waitsFor: string | undefined;
  /** Nothing has ever come on its connection, if it has one. */
  readonly isUnheard: boolean;
  /** When connecting began: once the address was known. */
  readonly begunAt: number;
  /** When the request went out on a connection; 0 before that. */
  readonly sentAt: number;
  abort(error: Error): void;
}

/** For connecting: up to three round trips with TLS, and a first packet that is lost takes a second (RFC 6298, 2.1). */
const connecting = 3;

/** The request was taken back; it may be sent again as it is. */
export class TakenBackError extends RequestError {
  constructor(host: string) {
    super('stalled', `${host}: does not answer this one, but others`);
  }
}

/**
 * Where one request has waited for its host for too long, gives up all that wait as it does: on connections that have never
 * carried an answer, for nobody may ever have accepted those. One that has is served, and its server has seen what it is
 * asked for.
 */
export function takeBack(requests: Iterable<Unanswered>, silences: readonly Silence[]): void {
  const now = performance.now();
  const unheard = [...requests].filter(({ waitsFor, isUnheard }) => waitsFor !== undefined && isUnheard);
  for (const { host, forMs } of silences) {
    const alike = unheard.filter(({ waitsFor }) => waitsFor === host);
    const isTooLong = alike.some(({ begunAt, sentAt }) =>
      sentAt > 0 ? now - sentAt > forMs : now - begunAt > connecting * forMs,
    );
    if (!isTooLong) continue;
    for (const request of alike) request.abort(new TakenBackError(host));
  }
}
