import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { Item } from '../../src/core/item.ts';
import { answer } from './picture-server.ts';

export interface BacklogServer extends AsyncDisposable {
  url: string;
  /** Paths asked for on the connections that are served. */
  requests: string[];
  items(count: number): Item[];
}

/**
 * Serves so many connections at a time, one request after the other, for as long as their clients keep them. Others are taken
 * and not read, as those are which the system has accepted for a server that has no time.
 */
export async function backlogServer(
  served: number,
  respond: (path: string, response: ServerResponse) => void = (path, response) =>
    void setTimeout(() => answer(path, response), 20),
): Promise<BacklogServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const waiting: Socket[] = [];
  let open = 0;
  const http = createServer((request, response) => {
    requests.push(request.url!);
    respond(request.url!, response);
  });
  const serve = (socket: Socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
      const next = waiting.shift();
      if (next !== undefined) serve(next);
    });
    http.emit('connection', socket);
    socket.resume();
  };
  const tcp = createTcpServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      if (waiting.includes(socket)) waiting.splice(waiting.indexOf(socket), 1);
    });
    if (open < served) serve(socket);
    else waiting.push(socket);
  });
  tcp.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(tcp, 'listening');
  const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    items: (count) =>
      Array.from({ length: count }, (_, at) => ({
        ...{ key: `p${at}`, url: `${url}/3000/p${at}.jpg`, name: `p${at}`, index: at + 1 },
        reach: ['loopback'],
      })),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}
