import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { InterruptedError, ListingError } from '../../src/core/errors.ts';
import { ImgurApi, type Patience } from '../../src/sources/imgur-api.ts';
import { imgurCredentials } from '../../src/sources/imgur-credentials.ts';
import {
  accessToken,
  clientId,
  clientSecret,
  data,
  failure,
  fetchClient,
  type Reply,
  refreshToken,
  testApi,
} from './support.ts';

const account = { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, REFRESH_TOKEN: refreshToken };
const html = {
  headers: { 'content-type': 'text/html' },
  body: '<html><h1>Imgur is over capacity!</h1></html>',
};
const fine = data({ id: 'x' });
const noon = Date.UTC(2026, 0, 1, 12);

interface Trial {
  environment?: Record<string, string>;
  patienceMs?: number;
  paths?: string[];
}

/** Asks a real server, with a clock that only sleeping moves. */
async function ask(routes: Reply | Reply[] | Record<string, Reply | Reply[]>, trial: Trial = {}) {
  const { environment = { CLIENT_ID: clientId }, patienceMs = 30_000, paths = ['album/x'] } = trial;
  await using server = await testApi('/3/album/x' in routes ? routes : { '/3/album/x': routes as Reply });
  let now = noon;
  const http = fetchClient((ms) => {
    now += ms;
  });
  const api = new ImgurApi({
    http,
    base: server.url,
    credentials: imgurCredentials(environment),
    now: () => now,
  });
  const notes: string[] = [];
  const patience: Patience = { leftMs: patienceMs, note: (message) => void notes.push(message) };
  let error: ListingError | undefined;
  let answer: unknown;
  try {
    for (const path of paths) answer = (await api.get(path, patience)).data;
  } catch (thrown) {
    assert.ok(thrown instanceof ListingError, inspect(thrown));
    assert.equal(thrown.exitCode, 4);
    for (const secret of [clientId, clientSecret, refreshToken, accessToken]) {
      assert.ok(!inspect(thrown, { depth: 10 }).includes(secret), 'a secret is in the error');
    }
    error = thrown;
  }
  return { answer, error, notes, slept: http.slept, ...server };
}

describe('ImgurApi', () => {
  it('sends the client id', async () => {
    const { answer, authorizations } = await ask(fine);
    assert.deepEqual(answer, { id: 'x' });
    assert.deepEqual(authorizations, [`Client-ID ${clientId}`]);
  });

  it('takes IMGUR_CLIENT_ID, too, and before the other', async () => {
    const { authorizations } = await ask(fine, {
      environment: { IMGUR_CLIENT_ID: 'the-right-one', CLIENT_ID: 'the-other' },
    });
    assert.deepEqual(authorizations, ['Client-ID the-right-one']);
  });

  it('says without credentials how to get on without them, and sends nothing', async () => {
    const { error, requests } = await ask(fine, { environment: { CLIENT_ID: ' ' } });
    assert.equal(error?.code, 'no-credentials');
    assert.match(`${error?.message} ${error?.hint}`, /CLIENT_ID.*direct links.*-i FILE.*demo:/);
    assert.deepEqual(requests, []);
  });

  it('refuses a client id that cannot be sent, without repeating it', () => {
    assert.throws(
      () => imgurCredentials({ CLIENT_ID: 'abc def\r\nX: y' }),
      (error: ListingError) => {
        assert.equal(error.code, 'no-credentials');
        return !error.message.includes('abc');
      },
    );
  });

  const refusals: [why: string, reply: Reply, code: string, message: RegExp][] = [
    ['404', failure(404, 'Unable to find an album'), 'not-found', /has no album\/x/],
    ['400, an id that cannot be', failure(400, 'bad id'), 'not-found', /bad id/],
    ['404 with an empty body', { status: 404, body: '' }, 'not-found', /has no/],
    [
      '404 said with a status of 200',
      { body: { data: { error: 'gone' }, success: false, status: 404 } },
      'not-found',
      /has no/,
    ],
    ['401', failure(401, 'Invalid client_id'), 'refused', /401: Invalid client_id/],
    [
      'a real 403, with an error that is an object',
      failure(403, { code: 1, message: 'Forbidden', type: 'X' }),
      'refused',
      /403: Forbidden/,
    ],
    ['a 403 page', { status: 403, body: '<html>denied</html>' }, 'refused', /403/],
    ['500', failure(500, 'oops'), 'unreachable', /500: oops/],
    ['a page with 200', { body: '<!doctype html><html>Log in</html>' }, 'not-an-answer', /not Imgur's API/],
    ['JSON of another kind', { body: [1, 2] }, 'not-an-answer', /not Imgur's API/],
    ['JSON without data', { body: { success: true, status: 200 } }, 'not-an-answer', /not Imgur's API/],
    [
      'a message full of secrets and control characters',
      failure(403, `\u001b[31m${clientId} \u202e${'x'.repeat(9999)}`),
      'refused',
      /: \[31m\*\*\* x{9}/,
    ],
  ];
  for (const [why, reply, code, message] of refusals) {
    it(`fails at once as ${code} for ${why}`, async () => {
      const { error, slept, requests } = await ask(reply);
      assert.equal(error?.code, code);
      assert.match(error.message, message);
      assert.ok(error.message.length < 400);
      assert.doesNotMatch(error.message, /\p{Control}|\u202e/u);
      assert.ok(error.hint);
      assert.deepEqual(slept, []);
      assert.equal(requests.length, 1);
    });
  }

  const busy: [why: string, reply: Reply][] = [
    ['403', failure(403, 'Imgur is temporarily over capacity. Please try again later.')],
    ['429', failure(429, { message: 'Imgur is over capacity', code: 429 })],
    ['503', failure(503, 'over capacity')],
    ['a page with 200', html],
    ['a page with 403', { ...html, status: 403 }],
  ];
  for (const [why, reply] of busy) {
    it(`waits longer and longer while Imgur is over capacity, said as ${why}`, async () => {
      const { answer, error, slept, notes } = await ask([reply, reply, reply, fine]);
      assert.equal(error, undefined);
      assert.deepEqual(answer, { id: 'x' });
      assert.deepEqual(slept, [1000, 2000, 4000]);
      assert.match(notes[0]!, /over capacity: waiting 1\.00 s, at most 30\.0 s/);
    });
  }

  it('waits no longer than the patience in all, then fails as throttled', async () => {
    const { error, slept } = await ask(html, { patienceMs: 10_000 });
    assert.equal(error?.code, 'throttled');
    assert.match(`${error.message}; ${error.hint}`, /over capacity.*--patience/);
    assert.deepEqual(slept, [1000, 2000, 4000, 3000]);
  });

  it('waits not at all where there is no patience', async () => {
    const { error, slept, requests } = await ask(html, { patienceMs: 0 });
    assert.deepEqual([error?.code, slept.length, requests.length], ['throttled', 0, 1]);
  });

  it('waits as long as Retry-After says, in seconds and as a date', async () => {
    const seconds = await ask([failure(429, 'slow down', { 'retry-after': '7' }), fine]);
    assert.deepEqual([seconds.slept, seconds.error], [[7000], undefined]);
    const date = new Date(noon + 9000).toUTCString();
    assert.deepEqual((await ask([failure(429, 'slow down', { 'retry-after': date }), fine])).slept, [9000]);
  });

  it('does not wait for a Retry-After of a day, and says how long it would be', async () => {
    const { error, slept } = await ask(failure(429, 'slow down', { 'retry-after': '86400' }));
    assert.deepEqual([error?.code, slept], ['throttled', []]);
    assert.match(error!.message, /24:00:00/);
  });

  it('comes to an end with a server that asks for a wait of nothing, for ever', async () => {
    const { error, requests } = await ask(failure(429, 'x', { 'retry-after': '0' }), { patienceMs: 1000 });
    assert.equal(error?.code, 'throttled');
    assert.equal(requests.length, 11);
  });

  it('stops before the next request when none is left, and says when it may go on', async () => {
    const reset = String(noon / 1000 + 1800);
    const spent = data({ id: 'x' }, { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': reset });
    const { answer, error, requests } = await ask(spent, { paths: ['album/x', 'album/x'] });
    assert.deepEqual(answer, { id: 'x' });
    assert.equal(error?.code, 'throttled');
    assert.match(error.message, /2026-01-01 12:30 UTC, in 30:00/);
    assert.equal(requests.length, 1);
  });

  it('waits for the reset where that is within the patience', async () => {
    const headers = { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': String(noon / 1000 + 20) };
    const { error, slept } = await ask([data(1, headers), fine], { paths: ['album/x', 'album/x'] });
    assert.deepEqual([error, slept], [undefined, [20_000]]);
  });

  it("knows a 403 that means no credits from a real one, and the application's day from the address's hour", async () => {
    const { error, requests } = await ask(
      failure(403, 'out of credits', { 'X-RateLimit-ClientRemaining': '0' }),
    );
    assert.equal(error?.code, 'throttled');
    assert.match(error.message, /of the day.*2026-01-02 12:00 UTC, in 24:00:00/);
    assert.equal(requests.length, 1);
  });

  it('fails as unreachable where nothing answers', async () => {
    const api = new ImgurApi({
      http: fetchClient(),
      base: 'http://127.0.0.1:1',
      credentials: imgurCredentials(account),
    });
    await assert.rejects(api.get('album/x', { leftMs: 0, note() {} }), (error: ListingError) => {
      assert.doesNotMatch(
        inspect(error, { depth: 10 }),
        new RegExp([clientId, clientSecret, refreshToken].join('|')),
      );
      return error.code === 'unreachable' && error.exitCode === 4;
    });
  });

  it('passes an interruption on as it is', async () => {
    const http = { ...fetchClient(), request: () => Promise.reject(new InterruptedError()) };
    const api = new ImgurApi({ http, base: 'http://127.0.0.1:1', credentials: imgurCredentials(account) });
    await assert.rejects(api.get('album/x', { leftMs: 0, note() {} }), InterruptedError);
  });

  describe('with an account', () => {
    const token = {
      body: { access_token: accessToken, expires_in: 3600, token_type: 'bearer', refresh_token: 'next' },
    };

    it('gets one access token and sends it with every request', async () => {
      const { authorizations, bodies, requests } = await ask(
        { '/oauth2/token': token, '/3/album/x': fine },
        { environment: account, paths: ['album/x', 'album/x'] },
      );
      assert.deepEqual(requests, ['POST /oauth2/token', 'GET /3/album/x', 'GET /3/album/x']);
      assert.deepEqual(authorizations, [undefined, `Bearer ${accessToken}`, `Bearer ${accessToken}`]);
      assert.deepEqual(Object.fromEntries(new URLSearchParams(bodies[0])), {
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'refresh_token',
      });
    });

    it('gets another when the first is no longer taken, once', async () => {
      const expired = failure(401, 'The access token provided has expired.');
      const again = await ask(
        { '/oauth2/token': token, '/3/album/x': [expired, fine] },
        { environment: account },
      );
      assert.equal(again.error, undefined);
      const never = await ask({ '/oauth2/token': token, '/3/album/x': expired }, { environment: account });
      assert.equal(never.error?.code, 'refused');
      assert.equal(never.requests.length, 4);
    });

    it('says which variables to check where the refresh token is not taken', async () => {
      const routes = {
        '/oauth2/token': failure(400, `Invalid refresh token ${refreshToken}`),
        '/3/album/x': fine,
      };
      const { error } = await ask(routes, { environment: account });
      assert.equal(error?.code, 'refused');
      assert.match(error.hint!, /REFRESH_TOKEN/);
    });

    it('takes no page for a token', async () => {
      const { error } = await ask({ '/oauth2/token': html, '/3/album/x': fine }, { environment: account });
      assert.equal(error?.code, 'not-an-answer');
    });
  });
});
