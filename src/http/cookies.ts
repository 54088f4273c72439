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
    text = readFileSync(file, 'utf8');
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
    const seconds = Number(expiry);
    const cookie = new Cookie({
      key: name,
      value,
      path,
      secure: secure === 'TRUE',
      expires: seconds > 0 ? new Date(seconds * 1000) : 'Infinity',
      ...(subdomains === 'TRUE' ? { domain: host } : {}),
    });
    jar.setCookieSync(cookie, `${secure === 'TRUE' ? 'https' : 'http'}://${host}${path}`, {
      ignoreError: true,
    });
  }
  return jar;
}
