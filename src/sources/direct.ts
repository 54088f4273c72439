import { UsageError } from '../core/errors.ts';
import type { AddressRange, Item } from '../core/item.ts';
import { shortUrl } from '../core/printable-url.ts';
import { urlName } from '../core/url-name.ts';
import type { Source } from './source.ts';

/** Any http(s) address: the file itself. */
export const direct: Source = {
  name: 'direct',
  matches: (input) => /^https?:/i.test(input),
  async *items(input, context) {
    const url = readUrl(input);
    if (typeof url === 'string') throw new UsageError(`'${shortUrl(input)}' is ${url}`);
    context.expectTotal(1);
    yield directItem(url, 1, ['loopback', 'private', 'local']);
  },
};

/** What the user wrote as an address; a text says what it is instead. */
export function readUrl(text: string): URL | string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const bareHost = /^[\w-]+(\.[\w-]+)+([/:?#]|$)/.test(text);
  return `not an address: write https://${bareHost ? shortUrl(text) : 'host/path'}`;
}

/**
 * `key` is the address as WHATWG writes it, without its fragment, and without user and password: it is what
 * the journal keeps. Those stay in `url`, for the server.
 */
export function directItem(url: URL, index: number, reach: AddressRange[]): Item {
  // Setting it costs more than all the rest, also where there is none.
  if (url.hash !== '') url.hash = '';
  const { href } = url;
  if (url.username !== '' || url.password !== '') url.username = url.password = '';
  return { key: url.href, url: href, name: urlName(url), index, reach };
}
