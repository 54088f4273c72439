import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { UsageError } from '../core/errors.ts';
import { ImgurApi } from './api.ts';
import { faults } from './faults/faults.ts';
import { ImageHost } from './image-host.ts';
import { EmulatedNetwork } from './network.ts';
import type { OriginOptions } from './options.ts';
import { page, pageHeaders } from './page.ts';
import { makePictures, type Picture } from './pictures.ts';
import { wordId } from './random.ts';
import { resolveOriginOptions } from './resolve-options.ts';
import { makeSamples, type Samples } from './samples.ts';
import { sendText } from './send-text.ts';
import { faultServer } from './serve-fault.ts';
import { StatsCounter } from './stats.ts';
import { type ThinkTime, thinkTime } from './think-time.ts';
import { tlsListener } from './tls-listener.ts';

export interface Origin {
  /** `http://127.0.0.1:PORT`, or `https:`, without a slash at the end. */
  url: string;
  albumId: string;
  /** The album's page; its API address is `/3/album/ID`. */
  albumUrl: string;
  /** Drops every connection. May be called twice. */
  close(): Promise<void>;
}

/** Longest body of a request. */
const maxRequestBytes = 64 * 1024;

/**
 * Starts the embedded origin in this process, on 127.0.0.1 only. Resolves when the pictures are painted
 * and it listens; rejects with a `UsageError` where an option is bad or the port cannot be had.
 */
export async function startOrigin(given: Partial<OriginOptions> = {}): Promise<Origin> {
  const options = resolveOriginOptions(given);
  const [pictures, samples] = await Promise.all([makePictures(options), makeSamples()]);
  const server = new OriginServer(options, pictures, samples);
  await server.listen();
  const { url, albumId } = server;
  return { url, albumId, albumUrl: `${url}/a/${albumId}`, close: () => server.close() };
}

/** One HTTP server that is Imgur's API, its image host, and the planned faults. */
class OriginServer {
  readonly albumId: string;
  url = '';
  readonly #options: OriginOptions;
  readonly #pictures: Picture[];
  readonly #network: EmulatedNetwork;
  readonly #think: ThinkTime;
  readonly #api: ImgurApi;
  readonly #images: ImageHost;
  readonly #serveFault: ReturnType<typeof faultServer>;
  readonly #stats = new StatsCounter();
  readonly #http = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0, maxHeaderSize: 65_536 });
  /** What listens: the HTTP server itself, or TLS in front of it. */
  readonly #listener: Server;
  readonly #scheme: 'http' | 'https';
  /** The names under which this machine may ask. */
  #hosts: string[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: OriginOptions, pictures: Picture[], samples: Samples) {
    const byId = new Map(pictures.map((picture) => [picture.id, picture]));
    this.#options = options;
    this.#pictures = pictures;
    this.albumId = wordId(options.seed, 0, options.images);
    this.#network = new EmulatedNetwork(options);
    this.#think = thinkTime(options);
    this.#serveFault = faultServer(samples);
    this.#images = new ImageHost(options, byId, this.#network, this.#think, samples.removed);
    this.#api = new ImgurApi({
      albumId: this.albumId,
      pictures,
      byId,
      samples,
      faultNames: Object.keys(faults),
      clientId: options.clientId,
      url: () => this.url,
    });
    this.#listener = options.tls === null ? this.#http : tlsListener(this.#http, options.tls);
    this.#scheme = options.tls === null ? 'http' : 'https';
    this.#http.on('connection', (socket: Socket) => {
      this.#network.accept(socket);
      this.#stats.connection(socket);
      socket.on('error', () => {}); // A client that went away; `close` follows.
    });
    this.#http.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#answer(request, response),
    );
  }

  async listen(): Promise<void> {
    const { port: wanted } = this.#options;
    this.#listener.listen({ port: wanted, host: '127.0.0.1', backlog: 4096 });
    await once(this.#listener, 'listening').catch((error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program has it' : error.message;
      throw new UsageError(`cannot listen on port ${wanted}: ${reason}`, {
        hint: 'choose another port, or none for any that is free',
        cause: error,
      });
    });
    const { port } = this.#listener.address() as AddressInfo;
    this.url = `${this.#scheme}://127.0.0.1:${port}`;
    this.#hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#network.close();
      this.#listener.close(() => resolve());
      for (const socket of this.#stats.sockets) socket.destroy();
    });
    return this.#closing;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // Only what was addressed to this machine, so that no web page can reach in by a name of its own.
    const { host = '', origin } = request.headers;
    const isOwn = origin === undefined || this.#hosts.some((own) => origin === `${this.#scheme}://${own}`);
    const address = URL.parse(request.url ?? '', this.url) ?? new URL(this.url);
    if (!this.#hosts.includes(host) || !isOwn) {
      sendText(response, 403, 'this origin answers to 127.0.0.1 and localhost only\n');
    } else if (address.pathname === '/stats') {
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
      sendText(response, 200, JSON.stringify(this.#stats.now()), headers);
    } else {
      this.#stats.request(address.pathname, request.headers, response);
      this.#route(request, response, address);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse, address: URL): void {
    const { pathname } = address;
    if (pathname.startsWith('/3/') || pathname === '/oauth2/token') {
      this.#serveApi(request, response, pathname);
    } else if (pathname.startsWith('/fault/')) {
      this.#serveFault(request, response, address);
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendText(response, 405, 'GET, please\n');
    } else if (pathname === '/' || pathname === `/a/${this.albumId}`) {
      sendText(response, 200, page(this.url, this.albumId, this.#pictures), pageHeaders);
    } else if (!this.#images.serve(request, response, pathname, this.#hosts)) {
      sendText(response, 404, 'there is nothing here\n');
    }
  }

  #serveApi(request: IncomingMessage, response: ServerResponse, path: string): void {
    readBody(request).then(
      (body) => {
        this.#network.delay(request.socket, this.#think(0), () => {
          const method = request.method ?? 'GET';
          const answer = this.#api.answer({ method, path, headers: request.headers, body });
          sendText(response, answer.status, answer.body, answer.headers);
        });
      },
      () => sendText(response, 413, 'the request is too long\n'),
    );
  }
}

/** The request's body as text; rejects where it is too long. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxRequestBytes) throw new RangeError('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
