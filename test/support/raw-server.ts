import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

/** A request as it arrived. */
export interface Seen {
  path: string;
  headers: IncomingMessage['headers'];
  /** On `performance.now()`. */
  at: number;
}

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https:`. */
  url: string;
  port: number;
  requests: Seen[];
  /** Connections accepted so far. */
  connections: number;
  /** Paths of the requests, in the order of arrival. */
  paths(): string[];
}

export type Handler = (request: IncomingMessage, response: ServerResponse, turn: number) => void;

/**
 * A HTTP server that writes down what arrives; `turn` counts the requests for the path from 1. With a key
 * and a certificate it speaks TLS.
 */
export async function testServer(
  handler: Handler,
  host = '127.0.0.1',
  { port: wanted = 0, tls }: { port?: number; tls?: { key: string; cert: string } } = {},
): Promise<TestServer> {
  const turns = new Map<string, number>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!;
    self.requests.push({ path, headers: request.headers, at: performance.now() });
    const turn = (turns.get(path) ?? 0) + 1;
    turns.set(path, turn);
    handler(request, response, turn);
  };
  const server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  server.on('connection', () => {
    self.connections += 1;
  });
  server.listen(wanted, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const self: TestServer = {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests: [],
    connections: 0,
    paths: () => self.requests.map(({ path }) => path),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

/** A server of bytes, for what no HTTP server would send: `answer` gets each connection after its first bytes. */
export async function rawServer(
  answer: (socket: Socket) => void,
): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An address where nothing listens. */
export async function closedPort(): Promise<string> {
  const server = await rawServer(() => {});
  await server[Symbol.asyncDispose]();
  return server.url;
}
