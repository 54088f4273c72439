import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Samples } from '../samples.ts';
import { wireOf } from '../tls-listener.ts';
import { type Edition, validatorsOf } from './validators.ts';

/** A request for `/fault/NAME[/ARGUMENT...]/anything.jpg[?bytes=][&at=][&validator=]`. */
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
  /** Its JPEGs as long as `bytes=` wishes. */
  samples: Samples;
  /** `validator=`: which validators the answers carry. */
  validator: string;
  /** `at=`: where an answer that breaks off does so; in the middle unless told otherwise. */
  breakAt: number;
}

export type Fault = (call: FaultCall) => void;

/** An argument that makes no sense: answered 400. */
export class BadArgument extends Error {}

/** The argument at `position` as a whole number, or `otherwise` where there is none. */
export const numberAt = ({ args }: FaultCall, position: number, otherwise: number, most?: number): number =>
  wholeNumber(args[position], otherwise, most);

export function wholeNumber(text: string | null | undefined, otherwise: number, most = 2 ** 53): number {
  if (text === undefined || text === null) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new BadArgument(`'${text}' is not a whole number up to ${most}`);
  return value;
}

/** The headers of the sample picture, without its length. */
export const jpegHeaders = ({ validator }: FaultCall, edition: Edition = 1): Record<string, string> => ({
  'Content-Type': 'image/jpeg',
  ...validatorsOf(validator, edition),
});

/** The sample picture, whole and well. */
export function good(call: FaultCall, headers: Record<string, string | number> = {}): void {
  const { response, samples } = call;
  response.writeHead(200, { ...jpegHeaders(call), 'Content-Length': samples.jpeg.length, ...headers });
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

/** The same, and the connection is reset once the bytes are on their way. Of many, not all may arrive. */
export function rawReset({ socket }: FaultCall, ...parts: (string | Buffer)[]): void {
  const bytes = join(parts);
  socket.write(bytes, () => {
    // A reset overtakes what the other side has not read yet: a moment lets it read.
    setTimeout(() => wireOf(socket).resetAndDestroy(), 20 + bytes.length / 50_000);
  });
}

const join = (parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** The same, and the connection is closed in order, but with TLS around it without TLS's own goodbye. */
export function rawCut({ socket }: FaultCall, ...parts: (string | Buffer)[]): void {
  socket.write(join(parts), () => wireOf(socket).end());
}

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
