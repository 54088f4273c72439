import type { Server } from 'node:http';
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { UsageError } from '../core/errors.ts';

/** PEM, both; plain data, so that it crosses to the origin's process. */
export interface TlsIdentity {
  key: string;
  cert: string;
}

const wires = new WeakMap<Socket, Socket>();

/**
 * The TCP connection that carries a socket of the origin: itself, or what lies under its TLS. Resetting
 * or ending the wire tells TLS nothing, as when a machine on the way does it.
 */
export const wireOf = (socket: Socket): Socket => wires.get(socket) ?? socket;

/** A server that hands its connections to `http` as they are. */
export const tcpListener = (http: Server): TcpServer =>
  createServer({ noDelay: true }, (socket) => http.emit('connection', socket));

/** A server that hands its connections, with TLS around them, to `http`. Throws a `UsageError` for a bad identity. */
export function tlsListener(http: Server, { key, cert }: TlsIdentity): TcpServer {
  const secureContext = contextOf(key, cert);
  return createServer((wire) => {
    const socket = new TLSSocket(wire, { isServer: true, secureContext });
    wires.set(socket, wire);
    // Whatever happens to the wire reaches the TLS socket as well.
    wire.on('error', () => {});
    http.emit('connection', socket);
  });
}

function contextOf(key: string, cert: string) {
  try {
    return createSecureContext({ key, cert });
  } catch (error) {
    const reason = (error as Error).message;
    throw new UsageError(`the origin's tls is no key and certificate in PEM: ${reason}`, { cause: error });
  }
}
