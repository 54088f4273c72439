import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ListingError } from '../../src/core/errors.ts';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import { apiClient } from '../../src/http/api-client.ts';
import { createHttp } from '../../src/http/http.ts';
import { ImgurApi } from '../../src/sources/imgur-api.ts';
import { imgurCredentials } from '../../src/sources/imgur-credentials.ts';
import { testServer } from '../support/raw-server.ts';
import { clientId } from './support.ts';

/** How a listing ends whose every answer is given by `answer`; its server's `host:port` becomes HOST. */
async function failureOf(answer: (response: ServerResponse) => void): Promise<ListingError> {
  await using server = await testServer((_, response) => answer(response));
  const http = await createHttp(resolveRunSpec({ retries: 0, stallTimeoutMs: 100 }), null);
  const credentials = imgurCredentials({ CLIENT_ID: clientId });
  const api = new ImgurApi({ http: apiClient(http), base: server.url, credentials });
  try {
    const error = await api.get('album/x', { leftMs: 0, note() {} }).then(
      () => assert.fail('it was listed'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ListingError, String(error));
    error.message = error.message.replaceAll(new URL(server.url).host, 'HOST');
    return error;
  } finally {
    await http.close();
  }
}

const rows: [
  what: string,
  answer: (response: ServerResponse) => void,
  code: string,
  message: RegExp,
  hint: RegExp,
][] = [
  [
    'over its bound',
    (response) => response.end(Buffer.alloc(64 * 1024 * 1024 + 1)),
    'not-an-answer',
    /^HOST gave no listing: an answer over 67108864 bytes$/,
    /--imgur-api/,
  ],
  [
    'of broken compression',
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}').subarray(0, 12)),
    'not-an-answer',
    /^HOST gave no listing: an answer whose compression is broken or too large$/,
    /--imgur-api/,
  ],
  [
    'redirected to a file',
    (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    'not-an-answer',
    /^HOST gave no listing: redirects to file:, not to http or https$/,
    /--imgur-api/,
  ],
  [
    'that is no HTTP',
    (response) => response.socket!.end('220 mail.example ESMTP\r\n'),
    'not-an-answer',
    /^HOST gave no listing: not proper HTTP/,
    /--imgur-api/,
  ],
  [
    'that asks to wait for a day',
    (response) => response.writeHead(503, { 'retry-after': '86400' }).end(),
    'throttled',
    /^HOST asks to wait 86400 s/,
    /--patience/,
  ],
  [
    'that fails for now',
    (response) => response.writeHead(502).end(),
    'unreachable',
    /^HOST answered 502/,
    /^try again later$/,
  ],
  [
    'that never comes',
    () => {},
    'unreachable',
    /^no answer from HOST: no answer for 0.1 s$/,
    /^check the network/,
  ],
  [
    'whose connection breaks',
    (response) => response.destroy(),
    'unreachable',
    /^no answer from HOST: /,
    /^check the network/,
  ],
];

describe('a listing that cannot be read says why, once, and what helps', { concurrency: true }, () => {
  for (const [what, answer, code, message, hint] of rows) {
    it(what, async () => {
      const error = await failureOf(answer);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.hint!, hint);
    });
  }
});
