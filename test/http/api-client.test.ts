import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { apiClient } from '../../src/http/api-client.ts';
import type { HttpClient } from '../../src/http/client.ts';
import { createHttp, type Http } from '../../src/http/http.ts';
import { testServer } from '../support/raw-server.ts';

async function testClient(
  spec: Partial<RunSpec> = {},
): Promise<AsyncDisposable & { client: HttpClient; http: Http }> {
  const http = await createHttp(resolveRunSpec(spec), null);
  return { client: apiClient(http), http, [Symbol.asyncDispose]: () => http.close() };
}

describe('answers of an API', { concurrency: true }, () => {
  it('are decoded as they were compressed', async () => {
    const text = '{"data": "å"}'.repeat(1000);
    const encoders: Record<string, (bytes: Buffer) => Buffer> = {
      identity: (bytes) => bytes,
      gzip: gzipSync,
      deflate: deflateSync,
      br: brotliCompressSync,
    };
    await using server = await testServer((request, response) => {
      const encoding = request.url!.slice(1);
      assert.match(request.headers['accept-encoding']!, /gzip/);
      response.writeHead(200, { 'content-encoding': encoding }).end(encoders[encoding]!(Buffer.from(text)));
    });
    await using api = await testClient();
    for (const encoding of Object.keys(encoders)) {
      const answer = await api.client.request(`${server.url}/${encoding}`);
      assert.equal(answer.text, text, encoding);
      assert.equal(answer.range, 'loopback');
    }
  });

  it('may begin with a byte order mark, also beneath their compression', async () => {
    const bytes = Buffer.from('\ufeff{"data": "\ufeff"}');
    await using server = await testServer((request, response) => {
      if (request.url === '/plain') response.end(bytes);
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes));
    });
    await using api = await testClient();
    for (const path of ['/plain', '/gzip']) {
      assert.equal((await api.client.request(server.url + path)).text, '{"data": "\ufeff"}', path);
    }
  });

  it('that do not come, and those that stop in their middle, are told apart', async () => {
    await using server = await testServer((request, response) => {
      if (request.url === '/head') response.writeHead(200).flushHeaders();
      else if (request.url === '/some') response.write('{"data');
    });
    // Longer than a busy machine takes to bring what the server does send; each is waited for beside the others.
    await using api = await testClient({ retries: 0, stallTimeoutMs: 1500 });
    const { host } = new URL(server.url);
    const told = [
      ['/none', 'no answer'],
      ['/head', 'no byte'],
      ['/some', 'no byte'],
    ].map(([path, what]) => {
      const message = `${host}: ${what} for 1.5 s`;
      return assert.rejects(api.client.request(server.url + path), { code: 'stalled', message });
    });
    await Promise.all(told);
  });

  it('that are bombs, broken, or of an unknown encoding fail within their bound', async () => {
    await using server = await testServer((request, response) => {
      const [, encoding, kind] = request.url!.split('/');
      const body = gzipSync(Buffer.alloc(10_000_000));
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(kind === 'broken' ? body.subarray(0, 100) : body);
    });
    await using api = await testClient();
    for (const path of ['/gzip/bomb', '/gzip/broken', '/br/not', '/rot13/what']) {
      const request = api.client.request(server.url + path, { maxBytes: 1_000_000 });
      await assert.rejects(request, { code: 'encoding' }, path);
    }
    assert.equal(server.requests.length, 4);
  });

  it('that are longer than allowed are not read to their end', async () => {
    await using server = await testServer((_, response) => void response.end(Buffer.alloc(2_000_000)));
    await using api = await testClient();
    await assert.rejects(api.client.request(server.url, { maxBytes: 1_000_000 }), { code: 'too-large' });
  });

  it('are the source to understand: 400, 401, 403, 404, 429, and being over capacity', async () => {
    await using server = await testServer((request, response) => {
      const [, status, text] = request.url!.split('/');
      response.writeHead(Number(status), { 'X-RateLimit': '7' }).end(decodeURIComponent(text ?? ''));
    });
    await using api = await testClient();
    for (const status of [200, 400, 401, 403, 404, 425, 429, 501]) {
      const answer = await api.client.request(`${server.url}/${status}/said`);
      assert.deepEqual([answer.status, answer.text, answer.headers['x-ratelimit']], [status, 'said', '7']);
    }
    assert.equal((await api.client.request(`${server.url}/503/over capacity`)).status, 503);
    assert.equal(server.requests.length, 9);
  });

  it('that are the transport to mend are asked for again: 408, 5xx, broken connections', async (t) => {
    t.mock.method(Math, 'random', () => 0);
    await using server = await testServer((request, response, turn) => {
      const status = request.url!.slice(1);
      if (turn > 2) response.end('fine');
      else if (status === 'break') response.destroy();
      else response.writeHead(Number(status)).end();
    });
    await using api = await testClient({ retries: 2 });
    for (const status of ['408', '500', '502', '503', '504', 'break']) {
      assert.equal((await api.client.request(`${server.url}/${status}`)).text, 'fine', status);
    }
    assert.equal(server.requests.length, 18);
  });

  it('are waited for as long as Retry-After says, within --patience', async () => {
    await using server = await testServer((request, response, turn) => {
      if (turn > 1) response.end('fine');
      else response.writeHead(503, { 'retry-after': request.url === '/day' ? '86400' : '1' }).end();
    });
    await using api = await testClient();
    assert.equal((await api.client.request(`${server.url}/second`)).text, 'fine');
    const [first, second] = server.requests;
    assert.ok(second!.at - first!.at >= 995);
    await assert.rejects(api.client.request(`${server.url}/day`), { code: 'throttled' });
  });

  it('that lead elsewhere do not take what was posted, or the authorization, with them', async () => {
    await using other = await testServer((_, response) => void response.end('theirs'));
    await using server = await testServer((_, response) => {
      response.writeHead(307, { location: other.url }).end();
    });
    await using api = await testClient();
    const posted = api.client.request(server.url, { method: 'POST', body: 'client_secret=secret' });
    await assert.rejects(posted, { code: 'redirect' });
    assert.equal(other.requests.length, 0);
    const got = await api.client.request(server.url, { headers: { authorization: 'Client-ID secret' } });
    assert.equal(got.text, 'theirs');
    assert.equal(other.requests[0]!.headers.authorization, undefined);
  });

  it('post what is to be posted', async () => {
    await using server = await testServer((request, response) => {
      request.pipe(response.writeHead(200, { 'x-method': request.method! }));
    });
    await using api = await testClient();
    const answer = await api.client.request(server.url, { method: 'POST', body: 'a=b' });
    assert.deepEqual([answer.text, answer.headers['x-method']], ['a=b', 'POST']);
  });

  it('come from where the request may reach alone', async () => {
    await using server = await testServer((_, response) => void response.end('ours'));
    await using api = await testClient();
    await assert.rejects(api.client.request(server.url, { reach: [] }), { code: 'forbidden-address' });
    await assert.rejects(api.client.request('not an address'), { code: 'bad-url' });
    assert.equal(server.connections, 0);
  });
});

it('sleeps and requests end when the run is stopped', async () => {
  await using server = await testServer(() => {});
  await using api = await testClient();
  const sleeping = api.client.sleep(60_000);
  const requested = api.client.request(server.url);
  api.http.stop();
  await assert.rejects(sleeping, { code: 'interrupted' });
  await assert.rejects(requested, { code: 'interrupted' });
  await assert.rejects(api.client.sleep(1), { code: 'interrupted' });
});

it('an encoding that is the name of something else entirely is unknown, too', async () => {
  await using server = await testServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'constructor' }).end('{}');
  });
  await using api = await testClient();
  await assert.rejects(api.client.request(server.url), { code: 'encoding' });
});
