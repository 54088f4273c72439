import { failures } from '../core/failures.ts';
import type { Item } from '../core/item.ts';
import type { Failure } from '../core/outcome.ts';

/** An item that is known to fail before it is tried: it is counted and reported like every other. */
export function brokenItem(
  key: string,
  url: string,
  index: number,
  { code, message }: Pick<Failure, 'code' | 'message'>,
): Item {
  const failure = { code, message, retryable: failures[code].retryable };
  return { key, url, index, reach: [], failure, meta: { error: message } };
}
