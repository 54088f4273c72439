import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PictureServer, pathBytes, pictureServer } from '../support/picture-server.ts';

/**
 * `plain`: whole and at once; `slow`: in pieces with pauses, as from far away; `ranges`: so, too, and it takes a
 * download up where it broke off. Only the last has a validator.
 */
export type ServerKind = 'plain' | 'slow' | 'ranges';
export const serverKinds: readonly ServerKind[] = ['plain', 'slow', 'ranges'];

export interface SlowServer extends PictureServer {
  /** Answers with a part of a file. */
  resumed: number;
  /** Of bodies, sent so far. */
  sentBytes: number;
}

const pieceBytes = 100_000;

export async function slowServer(kind: ServerKind): Promise<SlowServer> {
  const send = async (path: string, response: ServerResponse) => {
    if (kind !== 'plain') await sleep(25);
    const picture = pathBytes(path)!;
    const start = kind === 'ranges' ? beginAnswer(path, picture, response) : 0;
    if (kind !== 'ranges') response.writeHead(200, { 'content-length': picture.length });
    if (start > 0) server.resumed += 1;
    for (let at = start; at < picture.length && !response.destroyed; at += pieceBytes) {
      const piece = picture.subarray(at, at + pieceBytes);
      response.write(piece);
      server.sentBytes += piece.length;
      if (kind !== 'plain') await sleep(8);
    }
    response.end();
  };
  const plain = await pictureServer((path, response) => {
    void send(path, response);
    return true;
  });
  const server: SlowServer = Object.assign(plain, { resumed: 0, sentBytes: 0 });
  return server;
}

/** Sends the head; returns where the body begins. A part is sent only of what the client began with. */
function beginAnswer(path: string, picture: Buffer, response: ServerResponse): number {
  const etag = `"${path}"`;
  const { range, 'if-range': condition } = response.req.headers;
  const start = condition === etag ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
  const headers = { etag, 'accept-ranges': 'bytes', 'content-length': picture.length - start };
  if (start > 0 && start < picture.length) {
    const part = `bytes ${start}-${picture.length - 1}/${picture.length}`;
    response.writeHead(206, { ...headers, 'content-range': part });
    return start;
  }
  response.writeHead(200, { ...headers, 'content-length': picture.length });
  return 0;
}
