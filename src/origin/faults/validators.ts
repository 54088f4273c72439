/** The file that an address serves, and the one that took its place. */
export type Edition = 1 | 2;

const etag = (edition: Edition): string => `"sample-${edition}"`;
const modified = (edition: Edition): string => `Tue, 13 May 201${3 + edition} 16:53:20 GMT`;

/** What `?validator=` can be: which validators the answers carry (RFC 9110, 8.8). */
const kinds: Record<string, (edition: Edition) => Record<string, string>> = {
  both: (edition) => ({ ETag: etag(edition), 'Last-Modified': modified(edition) }),
  etag: (edition) => ({ ETag: etag(edition) }),
  weak: (edition) => ({ ETag: `W/${etag(edition)}` }),
  modified: (edition) => ({ 'Last-Modified': modified(edition) }),
  /** Modified in the second of the answer: a date that tells nothing for sure (8.8.2.2). */
  fresh: (edition) => ({ 'Last-Modified': modified(edition), Date: modified(edition) }),
  none: () => ({}),
};

export const validatorKinds: readonly string[] = Object.keys(kinds);

/** The headers by which an answer tells which edition of the file it is of. `kind` is one of `validatorKinds`. */
export const validatorsOf = (kind: string, edition: Edition = 1): Record<string, string> => ({
  'Accept-Ranges': 'bytes',
  Date: new Date().toUTCString(),
  ...kinds[kind]!(edition),
});

/** Whether an If-Range (RFC 9110, 13.1.5) lets the edition's parts be sent; without one they always are. */
export function isCurrent(condition: string | undefined, kind: string, edition: Edition = 1): boolean {
  if (condition === undefined) return true;
  const { ETag, 'Last-Modified': date } = kinds[kind]!(edition) as Record<string, string | undefined>;
  return condition === date || (condition === ETag && !condition.startsWith('W/'));
}
