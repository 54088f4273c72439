import type { ServerResponse } from 'node:http';

/** A whole small answer, with its length. Statuses that have no body get none. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string | number> = {},
): void {
  const body = Buffer.from(status === 204 || status === 304 ? '' : text);
  const length = status === 204 || status === 304 ? {} : { 'Content-Length': body.length };
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...length, ...headers })
    .end(body);
}
