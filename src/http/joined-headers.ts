import type { IncomingHttpHeaders } from 'node:http';

/** Of these there can be only one, and the first that was sent counts. */
const single: ReadonlySet<string> = new Set([
  ...['age', 'content-length', 'content-type', 'date', 'etag', 'expires', 'last-modified', 'location'],
  ...['retry-after', 'server'],
]);

/**
 * Headers as their type says and as Node's own client has them, for undici gives a list wherever a server
 * sent one twice: the first of those that stand for one thing, the others joined. `set-cookie` stays a list, and
 * each `x-robots-tag` a line of its own, for whom it is meant stands at its beginning.
 */
export function joinedHeaders(headers: Record<string, string | string[] | undefined>): IncomingHttpHeaders {
  if (!hasList(headers)) return headers as IncomingHttpHeaders;
  const result: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!Array.isArray(value)) result[name] = value;
    else if (name === 'set-cookie') result[name] = value;
    else if (name === 'x-robots-tag') result[name] = value.join('\n');
    else result[name] = single.has(name) ? value[0] : value.join(', ');
  }
  return result;
}

/** Hardly any answer has one. */
function hasList(headers: Record<string, string | string[] | undefined>): boolean {
  for (const name in headers) if (Array.isArray(headers[name])) return true;
  return false;
}
