import type { IncomingHttpHeaders } from 'node:http';

export interface Validators {
  etag: string;
  lastModified: string;
}

/** `whole`; from `start` up to `end`; or a range that the body has not. */
export type Wanted = { kind: 'whole' } | { kind: 'part'; start: number; end: number } | { kind: 'none' };

/** What the headers ask of a body of `length` bytes (RFC 9110, 13.1.5 and 14.2). Of several ranges none is served. */
export function wantedRange(headers: IncomingHttpHeaders, length: number, validators: Validators): Wanted {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '');
  const [from, to] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (from === '' && to === '') return { kind: 'whole' };
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== validators.etag && condition !== validators.lastModified) {
    return { kind: 'whole' };
  }
  const start = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? length : Math.min(length, Number(to) + 1);
  if (from !== '' && to !== '' && Number(to) < start) return { kind: 'whole' };
  return start >= length || start >= end ? { kind: 'none' } : { kind: 'part', start, end };
}
