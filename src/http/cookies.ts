import { readFileSync } from 'node:fs';
import { Cookie, CookieJar } from 'tough-cookie';
import { UsageError } from '../core/errors.ts';

/**
 * Cookies of a file in the Netscape format, as browsers' add-ons and `curl -c` write it: seven fields
 * between TABs (domain, subdomains, path, secure, expiry in epoch seconds or 0, name, value).
 * `#HttpOnly_` before a domain is part of the format; other lines with `#` are comments.
 */
export function readCookies(file: string): CookieJar {
  let text: string;
  try {
    // Byte by byte, as they are sent.
    text = readFileSync(file, 'latin1').replace(/^\xef\xbb\xbf/, '');
  } catch (error) {
    throw new UsageError(`--cookies ${file}: cannot be read`, { cause: error });
  }
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/^#HttpOnly_/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [domain, subdomains, path, secure, expiry, name, value] = line.split('\t');
    if (domain === undefined || path === undefined || name === undefined || value === undefined) {
      throw new UsageError(`--cookies ${file}: line ${index + 1} has not seven fields between TABs`);
    }
    const host = domain.replace(/^\./, '');
    const home = URL.parse(`${secure === 'TRUE' ? 'https' : 'http'}://${host}${path}`);
    if (home === null || !/^[^\0-\x1f\x7f]*$/.test(name + value)) {
      throw new UsageError(`--cookies ${file}: line ${index + 1} holds what no cookie can`);
    }
    const expires = new Date(Number(expiry) * 1000);
    const cookie = new Cookie({
      key: name,
      value,
      path,
      secure: secure === 'TRUE',
      // 0, and what is no time, is until the browser is closed.
      expires: expires.getTime() > 0 ? expires : 'Infinity',
      ...(subdomains === 'TRUE' ? { domain: host } : {}),
    });
    try {
      jar.setCookieSync(cookie, home, { ignoreError: true });
    } catch (error) {
      // It throws for hosts that it cannot read, whatever it is told to ignore.
      throw new UsageError(`--cookies ${file}: line ${index + 1} holds what no cookie can`, { cause: error });
    }
  }
  return jar;
}
