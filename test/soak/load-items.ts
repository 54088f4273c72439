import type { FailureCode } from '../../src/core/failures.ts';
import { randomNumbers } from './random.ts';

/** How an item has to end. */
export interface Expected {
  status: 'saved' | 'failed';
  code?: FailureCode;
  /** Tries, with one retry. */
  attempts: number;
  /** Which picture its file has to be: one of the album, or the origin's sample of that kind. */
  picture?: number | 'jpeg' | 'png';
}

interface Kind {
  /** Below `/fault/`, at the origin. */
  path: string;
  host: Host;
  /** Of the faults; 1 unless told otherwise. */
  weight?: number;
  expected: Expected;
}

/**
 * The origin under its two names, so that what makes a host pause holds up no other items: Gallop keeps pauses by
 * host. And an address where nothing listens.
 */
type Host = 'usual' | 'throttling' | 'closed';

const fails = (path: string, code: FailureCode, attempts = 1, host: Host = 'usual'): Kind => ({
  path,
  host,
  expected: { status: 'failed', code, attempts },
});
const saves = (path: string, attempts: number, picture: 'jpeg' | 'png' = 'jpeg'): Kind => ({
  path,
  host: 'usual',
  expected: { status: 'saved', attempts, picture },
});
/** Rarely: each makes its host pause for a second, and learn that fewer at once are enough. */
const throttles = (path: string): Kind => ({ ...saves(path, 2), host: 'throttling', weight: 0.1 });

const kinds: readonly Kind[] = [
  fails('status/404', 'not-found'),
  fails('status/403', 'forbidden'),
  fails('status/500', 'server-error', 2),
  fails('reset', 'connection-lost', 2),
  fails('short', 'connection-lost', 2),
  fails('close-before-headers', 'connection-lost', 2),
  fails('truncated', 'truncated', 2),
  fails('html-as-jpeg', 'not-an-image'),
  fails('empty', 'empty'),
  fails('bad-chunk', 'protocol', 2),
  fails('chunk-mismatch', 'protocol', 2),
  fails('bad-length/negative', 'protocol'),
  fails('not-http', 'protocol'),
  fails('gzip', 'encoding'),
  fails('gzip-broken', 'encoding'),
  fails('huge', 'too-large'),
  fails('redirect-loop', 'redirect'),
  fails('redirect-scheme/file', 'redirect'),
  fails('removed', 'removed'),
  fails('nothing-listens', 'connect', 2, 'closed'),
  saves('status-then-ok/500/1', 2),
  saves('status-then-ok/502/1', 2),
  saves('reset-then-ok/1', 2),
  saves('short-then-ok/1', 2),
  saves('redirect/3', 1),
  saves('slow/300', 1),
  saves('chunked', 1),
  saves('wrong-extension', 1, 'png'),
  throttles('retry-after/1/1'),
  throttles('status-then-ok/503/1'),
];

/** Kinds of faults. */
export const faultKinds = kinds.length;

export interface LoadItems {
  /** How many of them are faults. */
  faults: number;
  url(index: number): string;
  expected(index: number): Expected;
}

/**
 * `count` items, numbered from 1, of which `share` are faults, of every kind at least one. The others are `pictures`
 * (addresses) in turn, each time under another address.
 */
export function loadItems(
  { count, share, seed }: { count: number; share: number; seed: number },
  origin: URL,
  pictures: readonly string[],
): LoadItems {
  const draw = randomNumbers(seed);
  const sum = kinds.reduce((all, { weight = 1 }) => all + weight, 0);
  const anyKind = () => {
    let rest = draw() * sum;
    for (const [n, { weight = 1 }] of kinds.entries()) {
      rest -= weight;
      if (rest < 0) return n;
    }
    return 0;
  };
  /** The kind of each item, from 1; 0 where nothing is wrong. */
  const kindOf = new Uint8Array(count + 1);
  const faults = Math.max(kinds.length, Math.round(count * share));
  for (let n = 0; n < faults; ) {
    const index = 1 + Math.floor(draw() * count);
    if (kindOf[index] !== 0) continue;
    kindOf[index] = 1 + (n < kinds.length ? n : anyKind());
    n += 1;
  }
  const hosts: Record<Host, string> = {
    usual: origin.host,
    throttling: `localhost:${origin.port}`,
    closed: '127.0.0.1:1',
  };
  return {
    faults,
    url(index) {
      const kind = kinds[kindOf[index]! - 1];
      if (kind === undefined) return `${pictures[index % pictures.length]}?item=${index}`;
      return `http://${hosts[kind.host]}/fault/${kind.path}/item${index}.jpg`;
    },
    expected: (index) =>
      kinds[kindOf[index]! - 1]?.expected ?? {
        status: 'saved',
        attempts: 1,
        picture: index % pictures.length,
      },
  };
}
