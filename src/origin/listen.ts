import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { UsageError } from '../core/errors.ts';
import { type TlsIdentity, tcpListener, tlsListener } from './tls-listener.ts';

/**
 * Listens on one port of each address, the first of which chooses it where `port` is 0, and hands the connections
 * to `http`. Each address has a socket of its own: one for all of them would listen to the network, too.
 * Rejects with a `UsageError`, and then nothing listens.
 */
export async function listen(
  http: HttpServer,
  addresses: string[],
  { port: wanted, tls }: { port: number; tls: TlsIdentity | null },
): Promise<{ port: number; listeners: Server[] }> {
  const listeners: Server[] = [];
  let port = wanted;
  try {
    for (const address of addresses) {
      const listener = tls === null ? tcpListener(http) : tlsListener(http, tls);
      listeners.push(listener);
      await listenOn(listener, address, port);
      ({ port } = listener.address() as AddressInfo);
    }
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  return { port, listeners };
}

async function listenOn(listener: Server, host: string, port: number): Promise<void> {
  listener.listen({ port, host, backlog: 4096 });
  await once(listener, 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRNOTAVAIL') {
      throw new UsageError(`cannot listen on ${host}: this machine has no such address`, {
        hint: 'Linux has all of 127.0.0.0/8; elsewhere choose hosts=1, or give the loopback more addresses',
        cause: error,
      });
    }
    const reason = error.code === 'EADDRINUSE' ? 'another program has it' : error.message;
    throw new UsageError(`cannot listen on port ${port}: ${reason}`, {
      hint: 'choose another port, or none for any that is free',
      cause: error,
    });
  });
}
