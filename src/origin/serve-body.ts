import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Body } from './body.ts';
import { wantedRange } from './range.ts';

export interface Representation {
  body: Body;
  mime: string;
  /** Strong, with its quotes. */
  etag: string;
  /** Seconds since 1970. */
  datetime: number;
}

export type Send = (response: ServerResponse, body: Body, start: number, end: number) => void;

/** Answers with a body: 200, 206, 304 or 416, with validators, and with no body for HEAD. */
export function serveBody(
  request: IncomingMessage,
  response: ServerResponse,
  { body, mime, etag, datetime }: Representation,
  send: Send,
): void {
  const lastModified = new Date(datetime * 1000).toUTCString();
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', etag);
  response.setHeader('Last-Modified', lastModified);
  response.setHeader('Cache-Control', 'public, max-age=31536000');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const wanted = wantedRange(request.headers, body.length, { etag, lastModified });
  if (wanted.kind === 'none') {
    response.writeHead(416, { 'Content-Range': `bytes */${body.length}`, 'Content-Length': 0 }).end();
    return;
  }
  const [start, end] = wanted.kind === 'part' ? [wanted.start, wanted.end] : [0, body.length];
  response.setHeader('Content-Type', mime);
  response.setHeader('Content-Length', end - start);
  if (wanted.kind === 'part') {
    response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${body.length}`);
  }
  response.writeHead(wanted.kind === 'part' ? 206 : 200);
  if (request.method === 'HEAD') response.end();
  else send(response, body, start, end);
}
