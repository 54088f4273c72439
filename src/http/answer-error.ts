import type { FailureCode } from '../core/failures.ts';
import { isRedirect } from './redirect.ts';
import { RequestError } from './request-error.ts';
import { parseRetryAfter } from './retry-timing.ts';
import type { ResponseHead } from './transfer.ts';

const codes: Record<number, FailureCode> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'not-found',
  410: 'not-found',
  451: 'forbidden',
  429: 'throttled',
  503: 'server-error',
};

/** Worth another try: what the client cannot have caused, or what time may mend. */
export const isRetryableStatus = (status: number): boolean =>
  [408, 425, 429, 500, 502, 503, 504].includes(status);

/** What an answer other than 2xx means for an item. */
export function answerError(head: ResponseHead): RequestError {
  const { status, headers, url } = head;
  const known = codes[status] ?? (isRedirect(status) ? 'redirect' : undefined);
  const code = known ?? (status >= 500 ? 'server-error' : 'http-status');
  const where = isRedirect(status) ? ' and says not where to' : '';
  return new RequestError(code, `${url.host} answered ${status} for ${url.pathname}${where}`, {
    status,
    retryable: isRetryableStatus(status),
    retryAfterMs: parseRetryAfter(headers['retry-after'], Date.now()),
  });
}
