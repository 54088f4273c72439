import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../http/request-error.ts';
import type { ResponseHead } from '../http/transfer.ts';
import type { Beginning, Draft, Stretch } from '../sinks/sink.ts';

/** What an answer's body is the beginning of; null where nothing could prove that a later answer goes on with it. */
export function beginningOf(head: ResponseHead, address: URL): Beginning | null {
  const validator = strongValidator(head.headers);
  return validator === null ? null : new AnswerBeginning(address, validator, head.headers['content-length']);
}

/** Most files are whole before anybody asks which address this is of. */
class AnswerBeginning implements Beginning {
  readonly validator: string;
  readonly totalBytes: number | null;
  readonly #address: URL;

  constructor(address: URL, validator: string, length: string | undefined) {
    this.#address = address;
    this.validator = validator;
    this.totalBytes = length === undefined ? null : Number(length);
  }

  get address(): string {
    return addressName(this.#address);
  }
}

/** Names an address without telling it. */
const addressName = (address: URL): string => hash('sha256', address.href);

/** What the draft has of the file at this address; null where that is nothing. */
export function beginningAt(address: URL, { beginning, size }: Draft): Beginning | null {
  return size > 0 && beginning?.address === addressName(address) ? beginning : null;
}

/**
 * RFC 9110: an entity tag is strong unless it says that it is weak (8.8.3). A date is, where there is no
 * tag (13.1.5) and the answer was made at least a second later (8.8.2.2).
 */
function strongValidator(headers: IncomingHttpHeaders): string | null {
  const { etag, date, 'last-modified': modified } = headers;
  // One that is very long might not be taken back in a request.
  if (etag !== undefined) return /^"[^"]{0,200}"$/.test(etag) ? etag : null;
  if (modified === undefined || date === undefined) return null;
  return Date.parse(date) - Date.parse(modified) >= 1000 ? modified : null;
}

/** Asks for everything from `at` on, or, where the file is another one now, for the whole (RFC 9110, 13.1.5). */
export function restHeaders({ validator }: Beginning, at: number): Record<string, string> {
  return { range: `bytes=${at}-`, 'if-range': validator };
}

/** Asks for a stretch; where the file is another one now, for the whole. */
export function segmentHeaders({ validator }: Beginning, { from, to }: Stretch): Record<string, string> {
  return { range: `bytes=${from}-${to - 1}`, 'if-range': validator };
}

/** An answer to the request for the rest that is not exactly that. What was there is given up; the whole may be had. */
export class OtherPartError extends RequestError {
  constructor(host: string) {
    super('protocol', `${host} sent another part than was asked for`, { retryable: true });
  }
}

/**
 * How many bytes a 206 adds to the `at` that are there, to make them the whole; 0 where a 416 says that
 * they are it. Throws an `OtherPartError` for whatever is not exactly what was asked for, and where nothing proves
 * that it is of the same file: neither its validator, nor, with `isPromised`, a digest that the source promised.
 */
export function restBytes(head: ResponseHead, beginning: Beginning, at: number, isPromised: boolean): number {
  const { status, headers } = head;
  const range = parseContentRange(headers['content-range'] ?? '');
  const totalBytes = range?.totalBytes ?? beginning.totalBytes;
  const rest = (totalBytes ?? 0) - at;
  const isAsked =
    range !== null &&
    totalBytes === (beginning.totalBytes ?? totalBytes) &&
    (status === 416
      ? range.from === null && rest === 0
      : range.from === at &&
        range.to === at + rest - 1 &&
        Number(headers['content-length'] ?? rest) === rest);
  if (!isAsked || !isSameFile(headers, beginning.validator, isPromised))
    throw new OtherPartError(head.url.host);
  return rest;
}

/** Whether a 206 is exactly the stretch that was asked for, as it is sent, of the same file of `totalBytes`. */
export function isStretchOf(
  { status, headers }: ResponseHead,
  { validator }: Beginning,
  { from, to }: Stretch,
  totalBytes: number,
): boolean {
  const range = parseContentRange(headers['content-range'] ?? '');
  return (
    status === 206 &&
    range?.from === from &&
    range.to === to - 1 &&
    (range.totalBytes ?? totalBytes) === totalBytes &&
    Number(headers['content-length'] ?? to - from) === to - from &&
    /^(identity)?$/i.test(headers['content-encoding'] ?? '') &&
    isSameFile(headers, validator, false)
  );
}

/** A 206 has the tag that a 200 would have (RFC 9110, 15.3.7). */
function isSameFile(headers: IncomingHttpHeaders, validator: string, isPromised: boolean): boolean {
  const now = validator.startsWith('"') ? headers.etag : headers['last-modified'];
  return now === undefined ? isPromised : now === validator;
}

interface ContentRange {
  /** Null where the answer has no part. */
  from: number | null;
  to: number | null;
  /** Null where the server does not know it. */
  totalBytes: number | null;
}

/** `bytes 5-9/10`, `bytes 5-9/*`, `bytes *\/10` (RFC 9110, 14.4). Null for anything else. */
export function parseContentRange(text: string): ContentRange | null {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(text.trim());
  if (match === null) return null;
  const [from, to, totalBytes] = [match[1], match[2], match[3]].map((digits) =>
    digits === undefined || digits === '*' ? null : Number(digits),
  ) as [number | null, number | null, number | null];
  const numbers = [from, to, totalBytes].filter((number) => number !== null);
  if (!numbers.every(Number.isSafeInteger)) return null;
  if (from !== null && (from > to! || (totalBytes !== null && to! >= totalBytes))) return null;
  return { from, to, totalBytes };
}
