import type { Handler, Seen } from './raw-server.ts';
import { jpegOf } from './tiny-pictures.ts';

/** Servers that break off, and what they answer to whoever comes back for the rest. */

/** What most scripts serve. */
export const file = jpegOf(3_000_000);
/** Of the same length, with other bytes from the first on that stand in its scan. */
export const other = Buffer.concat([file.subarray(0, 100), Buffer.alloc(2_999_898, 0x3c), file.subarray(-2)]);
export const etag = '"v1"';

/** Where most of them break, and what is asked for then. */
export const half = 1_500_000;
export const onwards = `bytes=${half}-`;

type Headers = Record<string, string | number>;

export interface Answer {
  status?: number;
  headers?: Headers;
  body?: Buffer;
  /** The connection ends behind the body, which has to be less than is announced, or in chunks. */
  breaks?: boolean;
}

/** What the test's server answers to each request in turn, and to all after the last as to the last. */
export type Script = readonly ((request: Seen['headers']) => Answer)[];

/** Answers as `script` says. */
export const play =
  (script: Script): Handler =>
  (request, response, turn) => {
    const {
      status = 200,
      headers = {},
      body = '',
      breaks,
    } = script[Math.min(turn, script.length) - 1]!(request.headers);
    response.writeHead(status, headers);
    // An end comes after all that was sent; a reset would overtake what was not read yet.
    if (breaks) response.write(body, () => response.socket?.end());
    else response.end(body);
  };

/** 200 with everything announced and the first `bytes` sent. */
export const broken =
  (bytes: number, headers: Headers = { etag }, whole = file) =>
  (): Answer => ({
    headers: { 'content-length': whole.length, ...headers },
    body: whole.subarray(0, bytes),
    breaks: true,
  });

/** 200 with all of it. */
export const all =
  (bytes = file, headers: Headers = { etag }) =>
  (): Answer => ({ headers: { 'content-length': bytes.length, ...headers }, body: bytes });

/** Where the request wants it to begin. */
export const from = (request: Seen['headers']): number =>
  Number(/^bytes=(\d+)-$/.exec(request.range ?? '')![1]);

/** 206 with what the request lacks, of `whole`. */
export const rest =
  (headers: (at: number) => Headers = () => ({ etag }), whole = file) =>
  (request: Seen['headers']): Answer => {
    const at = from(request);
    const body = whole.subarray(at);
    const range = `bytes ${at}-${whole.length - 1}/${whole.length}`;
    return {
      status: 206,
      headers: { 'content-length': body.length, 'content-range': range, ...headers(at) },
      body,
    };
  };

/** 416. */
export const refused = (headers: Headers) => (): Answer => ({ status: 416, headers });
