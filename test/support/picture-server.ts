import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Item } from '../../src/core/item.ts';

export interface PictureServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** Paths asked for, in the order of arrival. */
  requests: string[];
  inFlight: number;
  peakInFlight: number;
  /** Of the same bytes under the same path, always. */
  item(path: string, index: number): Item;
  items(count: number, bytes: number): Item[];
  /** Breaks off every connection. */
  drop(): void;
}

/** Answers in place of the server where it returns true. `turn` counts the requests for the path from 1. */
export type Behaviour = (path: string, response: ServerResponse, turn: number) => boolean | undefined;

/** The frame and the scan of a grey JPEG of 8 x 8: SOF0, SOS, a byte of data, EOI. */
const frame = Buffer.from('ffc0000b080008000801011100' + 'ffda0008010100003f00' + '00' + 'ffd9', 'hex');
/** A comment takes two bytes for its mark and two for its length, which counts itself. */
const [commentHead, longestComment] = [4, 65_537];

/** A JPEG by its marks, of exactly `bytes` bytes (100 or more), with other bytes for every name. */
export function pictureBytes(name: string, bytes: number): Buffer {
  const key = createHash('md5').update(name).digest();
  const picture = createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
  picture.set([0xff, 0xd8]);
  const end = bytes - frame.length;
  for (let at = 2; at < end; ) {
    const rest = end - at;
    // What is left over must be long enough for a comment of its own.
    const length = rest <= longestComment ? rest : Math.min(longestComment, rest - commentHead);
    picture.set([0xff, 0xfe], at);
    picture.writeUInt16BE(length - 2, at + 2);
    at += length;
  }
  picture.set(frame, end);
  return picture;
}

/** `/1000/name.jpg` is a picture of 1000 bytes. */
export function pathBytes(path: string): Buffer | undefined {
  const [, bytes, name] = /^\/(\d+)\/(\w+)\.jpg$/.exec(path) ?? [];
  return name === undefined ? undefined : pictureBytes(name, Number(bytes));
}

export async function pictureServer(behaviour: Behaviour = () => false): Promise<PictureServer> {
  const requests: string[] = [];
  const turns = new Map<string, number>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!;
    requests.push(path);
    const turn = (turns.get(path) ?? 0) + 1;
    turns.set(path, turn);
    self.inFlight += 1;
    self.peakInFlight = Math.max(self.peakInFlight, self.inFlight);
    response.once('close', () => {
      self.inFlight -= 1;
    });
    if (behaviour(path, response, turn) !== true) answer(path, response);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: PictureServer = {
    url,
    requests,
    inFlight: 0,
    peakInFlight: 0,
    item: (path, index) => ({
      key: path,
      url: url + path,
      name: path.replace(/^.*\/|\.jpg$/g, ''),
      index,
      reach: ['loopback'],
    }),
    items: (count, bytes) =>
      Array.from({ length: count }, (_, at) => self.item(`/${bytes}/p${at}.jpg`, at + 1)),
    drop: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

/** The picture that stands under `path`; 404 where there is none. */
export function answer(path: string, response: ServerResponse): void {
  const picture = pathBytes(path);
  if (picture === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here');
    return;
  }
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length }).end(picture);
}

/** Holds answers back until `release` is called. */
export class Gate {
  #waiting: (() => void)[] = [];
  #open = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  hold(step: () => void): void {
    if (this.#open) step();
    else this.#waiting.push(step);
  }

  /** Lets the one through that has waited longest. */
  releaseOne(): void {
    this.#waiting.shift()?.();
  }

  release(): void {
    this.#open = true;
    for (const step of this.#waiting.splice(0)) step();
  }
}
