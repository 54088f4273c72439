import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { shortUrl } from '../core/printable-url.ts';
import { answerError, isRetryableStatus } from './answer-error.ts';
import type { ApiAnswer, ApiRequest, HttpClient } from './client.ts';
import { exchange } from './exchange.ts';
import type { Http } from './http.ts';
import { RequestError } from './request-error.ts';
import { withRetries } from './retry.ts';
import type { ResponseHead } from './transfer.ts';

const maxAnswerBytes = 64 * 1024 * 1024;

/** Passes over a byte order mark at the beginning. */
const utf8 = new TextDecoder();

const decoders: Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** Listings' view of `http`: whole small answers. */
export function apiClient(http: Http): HttpClient {
  return {
    sleep: (ms) => http.sleep(ms),
    async request(address, request = {}) {
      const url = URL.parse(address);
      if (url === null) throw new RequestError('bad-url', `'${shortUrl(address)}' is not an address`);
      const deadlineAt = performance.now() + http.spec.timeoutMs;
      return await withRetries(http, { host: url.host, deadlineAt }, async () => {
        const [head, answer] = await readAnswer(http, url, request, deadlineAt);
        // 429, and being over capacity, are the source's to understand; the others are the transport's trouble.
        const isTrouble = isRetryableStatus(head.status) && head.status !== 429 && head.status !== 425;
        if (isTrouble && !/over capacity/i.test(answer.text)) throw answerError(head);
        return answer;
      });
    },
  };
}

async function readAnswer(
  http: Http,
  url: URL,
  request: ApiRequest,
  deadlineAt: number,
): Promise<[ResponseHead, ApiAnswer]> {
  const maxBytes = request.maxBytes ?? maxAnswerBytes;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { head } = await exchange(
    http,
    {
      url,
      method: request.method ?? 'GET',
      ...(request.body === undefined ? {} : { body: request.body }),
      headers: { 'accept-encoding': 'gzip, deflate, br', ...request.headers },
      reach: http.withAllowed(request.reach ?? ['loopback', 'private', 'local']),
      deadlineAt,
    },
    {
      head() {},
      data(chunk) {
        bytes += chunk.length;
        if (bytes > maxBytes)
          throw new RequestError('too-large', `${url.host}: an answer over ${maxBytes} bytes`);
        chunks.push(chunk);
        return undefined;
      },
    },
  );
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(head.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const answer = {
    status: head.status,
    headers,
    text: utf8.decode(decode(Buffer.concat(chunks), headers['content-encoding'], maxBytes, url)),
    url: head.url.href,
    range: http.connections.rangeOf(head.url),
  };
  return [head, answer];
}

function decode(bytes: Buffer, encoding: string | undefined, maxBytes: number, url: URL): Buffer {
  if (encoding === undefined || encoding === 'identity' || bytes.length === 0) return bytes;
  const name = encoding.toLowerCase();
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decoder === undefined)
    throw new RequestError('encoding', `${url.host}: an answer in an unknown encoding`);
  try {
    return decoder(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new RequestError('encoding', `${url.host}: an answer whose compression is broken or too large`, {
      cause: error,
    });
  }
}
