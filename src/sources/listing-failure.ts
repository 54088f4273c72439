import { ListingError } from '../core/errors.ts';
import { type FailureCode, failures } from '../core/failures.ts';
import { RequestError } from '../http/request-error.ts';

/** Something answered, but no API: what could be done about that. */
export const notTheApiHint =
  'try again later; check --imgur-api where you use it, and that no login page stands between';

/**
 * What it means for a listing that a request for it failed: the error that ends it. `words` are the failure's, fit to
 * be shown; they are said once.
 */
export function listingFailure(host: string, cause: unknown, words: string): ListingError {
  const said = words.startsWith(`${host}: `) ? words.slice(host.length + 2) : words;
  const make = (code: string, message: string, hint: string) =>
    new ListingError(message, { code, hint, cause });
  const reason: FailureCode = cause instanceof RequestError ? cause.code : 'internal';
  switch (reason) {
    case 'too-large':
    case 'encoding':
    case 'protocol':
    case 'redirect':
      return make('not-an-answer', `${host} gave no listing: ${said}`, notTheApiHint);
    case 'throttled':
      return make('throttled', words, 'try again later, or raise --patience');
    case 'server-error':
    case 'http-status':
      return make('unreachable', words, 'try again later');
    case 'tls':
    case 'forbidden-address':
      return make('unreachable', `no answer from ${host}: ${said}`, failures[reason].hint);
    default:
      return make(
        'unreachable',
        `no answer from ${host}: ${said}`,
        'check the network, and --imgur-api where you use it',
      );
  }
}
