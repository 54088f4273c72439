/** A short alphanumeric ending, as pictures, videos and archives have them. */
const extension = /(?<=.)\.[A-Za-z][A-Za-z0-9]{1,4}$/;

/** The last segment of a URL's path, decoded, without its extension; `index` where there is none. Untrusted. */
export function urlName(url: URL): string {
  const last = url.pathname.split('/').findLast((segment) => segment !== '') ?? 'index';
  return decodeSegment(last).replace(extension, '');
}

/** Percent-decoded once; as it is where the encoding is broken. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
