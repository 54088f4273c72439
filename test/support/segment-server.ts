import type { ServerResponse } from 'node:http';
import { pictureBytes } from './picture-server.ts';
import { type Seen, type TestServer, testServer } from './raw-server.ts';

/** Large enough for segments, no stretch of it twice. */
export const large = pictureBytes('large', 12_000_000);
/** Of the same length, with other bytes. */
export const otherLarge = pictureBytes('other', 12_000_000);

/** What one request asks for. */
export interface Asked {
  /** Null where it has no Range. */
  from: number | null;
  /** Behind the last byte; null where there is no end. */
  to: number | null;
  /** Requests before it. */
  before: number;
  headers: Seen['headers'];
}

/** Answers in place of the server where it returns true. */
export type Behaviour = (asked: Asked, response: ServerResponse) => boolean | undefined;

/** Serves `large` and its parts as RFC 9110 wants it, but for what `behave` does. */
export function segmentServer(behave: Behaviour = () => false): Promise<TestServer> {
  let before = 0;
  return testServer((request, response) => {
    const { headers } = request;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const asked = {
      from: from === undefined ? null : Number(from),
      to: to ? Number(to) + 1 : null,
      before: before++,
      headers,
    };
    if (behave(asked, response) !== true) give(asked, response);
  });
}

export type Headers = Record<string, string | number>;

/** The right answer, with other headers, or of another file where that is said. */
export function give(asked: Asked, response: ServerResponse, more: Headers = {}, whole = large): void {
  const { from, to } = asked;
  const body = whole.subarray(from ?? 0, to ?? whole.length);
  const end = (to ?? whole.length) - 1;
  response.writeHead(from === null ? 200 : 206, { ...headersOf(asked, body.length, end, whole), ...more });
  response.end(body);
}

/** The same, of which no more than `bytes` are sent; then the connection ends, or nothing more comes. */
export function giveSome(asked: Asked, response: ServerResponse, bytes: number, ends = true): void {
  const { from, to } = asked;
  const end = to ?? large.length;
  const start = from ?? 0;
  response.writeHead(from === null ? 200 : 206, headersOf(asked, end - start, end - 1, large));
  response.write(large.subarray(start, Math.min(end, start + bytes)), () => {
    // An end comes after all that was sent; a reset would overtake what was not read yet.
    if (ends) response.socket?.end();
  });
}

/** 200 with all of a file, whatever was asked for. */
export function giveWhole(response: ServerResponse, whole = large, etag = '"v1"'): void {
  response.writeHead(200, { etag, 'accept-ranges': 'bytes', 'content-length': whole.length });
  response.end(whole);
}

function headersOf({ from }: Asked, length: number, end: number, whole: Buffer): Headers {
  return {
    etag: '"v1"',
    'accept-ranges': 'bytes',
    'content-length': length,
    ...(from === null ? {} : { 'content-range': `bytes ${from}-${end}/${whole.length}` }),
  };
}
