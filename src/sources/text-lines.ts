import { pipeline, Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { InterruptedError } from '../core/errors.ts';

export interface Line {
  /** From 1. */
  number: number;
  /** Without its end; of a line over the limit, the beginning. */
  text: string;
  /** The line was over the limit: what is missing is gone. */
  cut: boolean;
}

export interface LineLimits {
  signal: AbortSignal;
  /** Characters of one line. */
  maxLength: number;
}

/**
 * The lines of a text of any length in bounded memory, as many at once as one chunk ends. Gzip is known by its first bytes, whatever the name
 * says; UTF-8, or UTF-16 with its byte order mark; LF or CRLF. Reads no further ahead than one chunk.
 */
export async function* textLines(
  bytes: AsyncIterable<Uint8Array>,
  { signal, maxLength }: LineLimits,
): AsyncGenerator<Line[]> {
  let decoder: TextDecoder | undefined;
  let number = 0;
  let pending = '';
  let dropped = false;
  for await (const chunk of unpacked(interruptible(bytes, signal))) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = decoder.decode(chunk, { stream: true });
    const lines: Line[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      number += 1;
      lines.push(line(number, pending + text.slice(from, end), dropped, maxLength));
      pending = '';
      dropped = false;
      from = end + 1;
    }
    if (lines.length > 0) yield lines;
    pending += text.slice(from);
    if (pending.length > maxLength + 1) {
      pending = pending.slice(0, maxLength);
      dropped = true;
    }
  }
  pending += decoder?.decode() ?? '';
  if (pending !== '') yield [line(number + 1, pending, dropped, maxLength)];
}

function line(number: number, raw: string, dropped: boolean, maxLength: number): Line {
  // Of a line whose end is gone, a CR is in the middle.
  const text = !dropped && raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  const cut = dropped || text.length > maxLength;
  return { number, text: cut ? text.slice(0, maxLength) : text, cut };
}

/** As the byte order mark says. The first chunk has it whole: see `unpacked`. */
function encodingOf(chunk: Uint8Array): string {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** Gunzipped, where the first two bytes say so. The first chunk has at least two bytes, if there are so many. */
async function* unpacked(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < 2) {
    const { value, done } = await bytes.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  const whole = startingWith(start, bytes);
  if (start[0] !== 0x1f || start[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const { createGunzip } = await import('node:zlib');
  const gunzip = createGunzip();
  // Errors of either side reach the reader through the last stream.
  pipeline(Readable.from(whole, { objectMode: false }), gunzip, () => {});
  yield* gunzip;
}

async function* startingWith(
  start: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (start.length > 0) yield start;
    yield* rest;
  } finally {
    // Who stops at the start has not begun with the rest.
    await rest.return(undefined);
  }
}

/** Ends with an InterruptedError as soon as the signal says so, even when no byte ever comes. */
async function* interruptible(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      if (signal.aborted) throw new InterruptedError();
      const { value, done } = await unlessAborted(iterator.next(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: a read that never ends would never let go.
    iterator.return?.().catch(() => {});
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new InterruptedError());
    signal.addEventListener('abort', stop, { once: true });
    // Whoever was just asked for bytes may have aborted.
    if (signal.aborted) stop();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
