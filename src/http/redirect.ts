import type { AddressRange } from '../core/item.ts';
import { RequestError } from './request-error.ts';

const maxHops = 10;
/** Longer ones are made by redirects that add to the address at every hop; few servers take as much. */
const maxAddressLength = 16 * 1024;

export const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308;

/** Where an answer leads. Throws a `RequestError` for what is not followed. `hop` counts from 1. */
export function nextHop(from: URL, location: string, hop: number, allowDowngrade: boolean): URL {
  if (hop > maxHops) throw new RequestError('redirect', `${from.host}: over ${maxHops} redirects`);
  if (location.length > maxAddressLength) {
    throw new RequestError('redirect', `${from.host}: redirects to an address of ${location.length} bytes`);
  }
  const to = URL.parse(location, from.href);
  if (to === null) throw new RequestError('redirect', `${from.host}: redirects to what is not an address`);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    throw new RequestError('redirect', `${from.host}: redirects to ${to.protocol}, not to http or https`);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:' && !allowDowngrade) {
    throw new RequestError('redirect', `${from.host}: redirects from https to http (see --allow-downgrade)`);
  }
  return to;
}

/**
 * What the hop after one on an address of `range` may reach: the same range, nothing else that is not
 * public. Link-local addresses have to be typed, so they are left to their own origin.
 */
export function reachOfHop(range: AddressRange, isSameOrigin: boolean): readonly AddressRange[] {
  if (range === 'public' || (range === 'local' && !isSameOrigin)) return [];
  return [range];
}
