/** A short alphanumeric ending, as pictures, videos and archives have them. */
const extension = /(?<=.)\.[A-Za-z][A-Za-z0-9]{1,4}$/;

/** The last segment of a URL's path, decoded, without its extension; `index` where there is none. Untrusted. */
export function urlName(url: URL): string {
  const { pathname } = url;
  let end = pathname.length;
  while (end > 0 && pathname[end - 1] === '/') end -= 1;
  const last = pathname.slice(pathname.lastIndexOf('/', end - 1) + 1, end);
  return decodeSegment(last === '' ? 'index' : last).replace(extension, '');
}

/** Percent-decoded once; as it is where the encoding is broken. */
export function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
