import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { ImgurApi } from './api.ts';
import { Conditions } from './conditions.ts';
import { faults } from './faults/faults.ts';
import type { Host } from './host.ts';
import { makeHosts } from './hosts.ts';
import { ImageHost } from './image-host.ts';
import { listen } from './listen.ts';
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
import { wireOf } from './tls-listener.ts';

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
  readonly #conditions: Conditions;
  readonly #hosts: Host[];
  readonly #network: EmulatedNetwork;
  readonly #think: ThinkTime;
  readonly #api: ImgurApi;
  readonly #images: ImageHost;
  readonly #serveFault: ReturnType<typeof faultServer>;
  readonly #stats = new StatsCounter();
  readonly #http = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0, maxHeaderSize: 65_536 });
  readonly #scheme: 'http' | 'https';
  /** One for each host. */
  #listeners: Server[] = [];
  #port = 0;
  /** The names of this machine. */
  #names = new Set<string>();
  /** The same, with the port: where what is ours comes from. */
  #ownHosts = new Set<string>();
  #closing: Promise<void> | undefined;

  constructor(options: OriginOptions, pictures: Picture[], samples: Samples) {
    const byId = new Map(pictures.map((picture) => [picture.id, picture]));
    this.#options = options;
    this.#pictures = pictures;
    this.albumId = wordId(options.seed, 0, options.images);
    const now = () => performance.now();
    this.#conditions = new Conditions(options, now);
    this.#hosts = makeHosts(options, this.#conditions, now);
    this.#network = new EmulatedNetwork(this.#conditions, now);
    this.#think = thinkTime(this.#conditions);
    this.#serveFault = faultServer(samples);
    this.#images = new ImageHost(
      options,
      this.#conditions,
      byId,
      this.#network,
      this.#think,
      samples.removed,
    );
    this.#api = new ImgurApi({
      albumId: this.albumId,
      pictures,
      byId,
      samples,
      faultNames: Object.keys(faults),
      clientId: options.clientId,
      url: () => this.url,
      // In turn: pictures that follow each other are on different hosts.
      hostUrl: ({ index }) => this.#urlOf(this.#hosts[(index - 1) % this.#hosts.length]!),
    });
    this.#scheme = options.tls === null ? 'http' : 'https';
    this.#http.on('connection', (socket: Socket) => this.#accept(socket));
    this.#http.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#answer(request, response),
    );
  }

  async listen(): Promise<void> {
    const addresses = this.#hosts.map(({ address }) => address);
    const { port, listeners } = await listen(this.#http, addresses, this.#options);
    this.#listeners = listeners;
    this.#port = port;
    this.url = this.#urlOf(this.#hosts[0]!);
    this.#names = new Set([...addresses, 'localhost', '[::1]']);
    this.#ownHosts = new Set([...this.#names].map((name) => `${name}:${port}`));
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#network.close();
      let open = this.#listeners.length;
      const closed = () => {
        open -= 1;
        if (open === 0) resolve();
      };
      for (const listener of this.#listeners) listener.close(closed);
      for (const socket of this.#stats.sockets) socket.destroy();
    });
    return this.#closing;
  }

  #urlOf = ({ address }: Host): string => `${this.#scheme}://${address}:${this.#port}`;

  #accept(socket: Socket): void {
    const { localAddress } = wireOf(socket);
    const host = this.#hosts.find(({ address }) => address === localAddress) ?? this.#hosts[0]!;
    this.#network.accept(socket, host);
    this.#stats.connection(socket);
    socket.on('error', () => {}); // A client that went away; `close` follows.
    if (host.connect(socket)) return;
    this.#stats.connectionReset();
    wireOf(socket).resetAndDestroy();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // Only what was addressed to this machine, so that no web page can reach in by a name of its own. Such a page cannot
    // choose the name; the port, which some clients leave out (Wget2 1.99), says nothing of where it is from.
    const { host = '', origin } = request.headers;
    const isForUs = this.#ownHosts.has(host) || this.#names.has(host);
    const ownOrigin = `${this.#scheme}://`;
    const isOwn =
      origin === undefined ||
      (origin.startsWith(ownOrigin) && this.#ownHosts.has(origin.slice(ownOrigin.length)));
    const address = URL.parse(request.url ?? '', this.url) ?? new URL(this.url);
    if (!isForUs || !isOwn) {
      sendText(response, 403, 'this origin answers to 127.0.0.1 and localhost only\n');
    } else if (address.pathname === '/stats') {
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
      sendText(response, 200, JSON.stringify(this.#stats.now()), headers);
    } else if (address.pathname === '/reset' && request.method === 'POST') {
      this.#reset();
      response.writeHead(204).end();
    } else {
      const { address: asked } = this.#network.hostOf(request.socket);
      this.#stats.request(address.pathname, asked, request.headers, response);
      this.#route(request, response, address);
    }
  }

  /** All is as at the start, but what is connected and in flight: for the next run over the same pictures. */
  #reset(): void {
    this.#stats.forget();
    this.#conditions.reset();
    this.#images.reset();
    for (const host of this.#hosts) host.reset();
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
    } else if (!this.#images.serve(request, response, pathname, this.#ownHosts)) {
      sendText(response, 404, 'there is nothing here\n');
    }
  }

  #serveApi(request: IncomingMessage, response: ServerResponse, path: string): void {
    readBody(request).then(
      (body) => {
        const thinkMs = this.#think(0);
        this.#network.delay(
          request.socket,
          () => thinkMs,
          () => {
            const method = request.method ?? 'GET';
            const answer = this.#api.answer({ method, path, headers: request.headers, body });
            sendText(response, answer.status, answer.body, answer.headers);
          },
        );
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
