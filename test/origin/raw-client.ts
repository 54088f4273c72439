import { connect } from 'node:net';

export interface RawAnswer {
  /** Everything that arrived, headers and all. */
  bytes: Buffer;
  /** Up to the empty line. */
  head: string;
  body: Buffer;
  /** How it ended: by the other side's end, by a reset, or because this client had what it waited for. */
  ending: 'end' | 'reset' | 'left';
}

/**
 * Sends one GET over a socket of its own and keeps whatever comes. Leaves once `enough` says so; else
 * waits for the server to end.
 */
export function rawGet(
  url: string,
  options: { headers?: Record<string, string>; enough?: (bytes: Buffer) => boolean } = {},
): Promise<RawAnswer> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const headers = { Host: host, ...options.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    const finish = (ending: RawAnswer['ending']) => {
      socket.destroy();
      const bytes = Buffer.concat(chunks);
      const at = bytes.indexOf('\r\n\r\n');
      const [head, body] =
        at === -1 ? [bytes, Buffer.alloc(0)] : [bytes.subarray(0, at), bytes.subarray(at + 4)];
      resolve({ bytes, head: head.toString('latin1'), body, ending });
    };
    socket.on('connect', () => socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (options.enough?.(Buffer.concat(chunks))) finish('left');
    });
    socket.on('end', () => finish('end'));
    socket.on('error', () => finish('reset'));
  });
}

/** Leaves when the whole body that Content-Length announces is there. */
export function wholeAnswer(bytes: Buffer): boolean {
  const at = bytes.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(bytes.subarray(0, at).toString('latin1'))?.[1];
  return at !== -1 && length !== undefined && bytes.length >= at + 4 + Number(length);
}
