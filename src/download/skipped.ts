import type { Skip } from '../core/outcome.ts';
import { RequestError } from '../http/request-error.ts';

/**
 * An item is left out, for a reason that is no failure. What ends a try is a `RequestError`; this one's code is never
 * seen.
 */
export class SkippedError extends RequestError {
  readonly skip: Skip;

  constructor(skip: Skip) {
    super('forbidden', skip.message);
    this.name = 'SkippedError';
    this.skip = skip;
  }
}
