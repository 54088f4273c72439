import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseHead } from '../http/exchange.ts';
import type { Beginning, Draft } from '../sinks/sink.ts';

/** What an answer's body is the beginning of; null where nothing could prove that a later answer goes on with it. */
export function beginningOf(head: ResponseHead, address: URL): Beginning | null {
  const validator = strongValidator(head.headers);
  if (validator === null) return null;
  const length = head.headers['content-length'];
  return {
    address: addressName(address),
    validator,
    totalBytes: length === undefined ? null : Number(length),
  };
}

/** Names an address without telling it. */
const addressName = (address: URL): string => hash('sha256', address.href);

/** Whether what the draft has is the beginning of what this address has. */
export function isBeginningAt(address: URL, { beginning, size }: Draft): boolean {
  return beginning !== null && size > 0 && beginning.address === addressName(address);
}

/**
 * RFC 9110: an entity tag is strong unless it says that it is weak (8.8.3). A date is, where there is no
 * tag (13.1.5) and the answer was made at least a second later (8.8.2.2).
 */
function strongValidator(headers: IncomingHttpHeaders): string | null {
  const { etag, date, 'last-modified': modified } = headers;
  if (etag !== undefined) return /^"[^"]*"$/.test(etag) ? etag : null;
  if (modified === undefined || date === undefined) return null;
  return Date.parse(date) - Date.parse(modified) >= 1000 ? modified : null;
}

/** Asks for everything from `at` on, or, where the file is another one now, for the whole (RFC 9110, 13.1.5). */
export function restHeaders({ validator }: Beginning, at: number): Record<string, string> {
  return { range: `bytes=${at}-`, 'if-range': validator };
}

/**
 * How many bytes a 206 adds to the `at` that are there, to make them the whole; 0 where a 416 says that
 * they are it. Null for whatever is not exactly what was asked for. With `isPromised` the source promised a
 * digest, which will tell.
 */
export function restBytes(
  { status, headers }: ResponseHead,
  beginning: Beginning,
  at: number,
  isPromised: boolean,
): number | null {
  const agrees = agreement(headers, beginning.validator);
  const range = parseContentRange(headers['content-range'] ?? '');
  const totalBytes = range?.totalBytes ?? beginning.totalBytes;
  if (range === null || totalBytes === null || agrees === false) return null;
  if (status === 416) return totalBytes === at && (agrees === true || isPromised) ? 0 : null;
  const rest = totalBytes - at;
  const isAsked =
    range.from === at &&
    range.to === totalBytes - 1 &&
    totalBytes === (beginning.totalBytes ?? totalBytes) &&
    Number(headers['content-length'] ?? rest) === rest;
  return isAsked ? rest : null;
}

/** Whether the answer is of the same file; undefined where it has no validator to tell. */
function agreement({ etag, 'last-modified': modified }: IncomingHttpHeaders, validator: string) {
  const now = validator.startsWith('"') ? etag : modified;
  return now === undefined ? undefined : now === validator;
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
