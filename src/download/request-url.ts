import { printableUrl } from '../core/printable-url.ts';
import { decodeSegment } from '../core/url-name.ts';
import { RequestError } from '../http/request-error.ts';

/** Throws a `RequestError` for what cannot be requested. */
export function requestUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new RequestError('bad-url', `not an http or https address: '${printableUrl(address)}'`);
  }
  return url;
}

/** `user:password@` of an address as a header: it is for the server, not for logs. */
export function authorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeSegment(url.username)}:${decodeSegment(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
