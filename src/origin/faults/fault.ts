import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Samples } from '../samples.ts';

/** A request for `/fault/NAME[/ARGUMENT...]/anything.jpg`. */
export interface FaultCall {
  request: IncomingMessage;
  response: ServerResponse;
  /** For what the HTTP server would refuse to send. */
  socket: Socket;
  args: string[];
  /** Of the query. */
  query: URLSearchParams;
  /** Of this origin, without a slash at the end. */
  url: string;
  path: string;
  /** Earlier requests for the same path. */
  seen: number;
  samples: Samples;
}

export type Fault = (call: FaultCall) => void;

/** An argument that makes no sense: answered 400. */
export class BadArgument extends Error {}

/** The argument at `position` as a whole number, or `otherwise` where there is none. */
export function numberAt({ args }: FaultCall, position: number, otherwise: number, most = 2 ** 53): number {
  const text = args[position];
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new BadArgument(`'${text}' is not a whole number up to ${most}`);
  return value;
}

export const sampleEtag = '"sample-1"';
export const sampleModified = 'Tue, 13 May 2014 16:53:20 GMT';

/** The sample picture, whole and well. */
export function good({ response, samples }: FaultCall, headers: Record<string, string | number> = {}): void {
  response.writeHead(200, {
    'Content-Type': 'image/jpeg',
    'Content-Length': samples.jpeg.length,
    'Accept-Ranges': 'bytes',
    ETag: sampleEtag,
    'Last-Modified': sampleModified,
    ...headers,
  });
  response.end(samples.jpeg);
}

/** A status line and headers as raw text, with the empty line at the end. */
export const head = (status: string, headers: Record<string, string | number> = {}): string =>
  [`HTTP/1.1 ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );

/** Writes past the HTTP server, in turn, and closes the connection. */
export function rawAnswer({ socket }: FaultCall, ...parts: (string | Buffer)[]): void {
  socket.end(join(parts));
}

/** The same, and the connection stays open without another byte. */
export function rawSilence({ socket }: FaultCall, ...parts: (string | Buffer)[]): void {
  if (parts.length > 0) socket.write(join(parts));
}

/** The same, and the connection is reset once the bytes are on their way. */
export function rawReset({ socket }: FaultCall, ...parts: (string | Buffer)[]): void {
  socket.write(join(parts), () => {
    // A reset overtakes what the other side has not read yet: a moment lets it read.
    setTimeout(() => socket.resetAndDestroy(), 20);
  });
}

const join = (parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** Writes pieces for as long as there are any and the client reads. */
export function pour(socket: Socket, next: () => Buffer | undefined): void {
  const more = () => {
    while (!socket.destroyed) {
      const piece = next();
      if (piece === undefined) return void socket.end();
      if (!socket.write(piece)) return void socket.once('drain', more);
    }
  };
  more();
}
