import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { instantNetwork } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';

let origin: Origin;
before(async () => {
  origin = await startOrigin({
    ...instantNetwork,
    images: 15,
    bytes: 4000,
    kinds: ['jpeg', 'animated'],
    clientId: 'mine',
  });
});
after(() => origin.close());

interface Envelope {
  // The shapes are what is tested.
  data: Record<string, unknown> & { images: Record<string, unknown>[] };
  success: boolean;
  status: number;
}

async function ask(path: string, authorization = 'Client-ID mine') {
  const headers: Record<string, string> = authorization === '' ? {} : { Authorization: authorization };
  const answer = await fetch(`${origin.url}${path}`, { headers });
  const text = await answer.text();
  const json = answer.headers.get('content-type') === 'application/json';
  return { answer, text, envelope: (json && path !== '/3/album/cut' ? JSON.parse(text) : {}) as Envelope };
}

test('an album has its images with what Imgur says of them', async () => {
  const { answer, envelope } = await ask(`/3/album/${origin.albumId}`);
  assert.equal(answer.status, 200);
  assert.deepEqual([envelope.success, envelope.status], [true, 200]);
  assert.match(origin.albumId, /^\w{7}$/);
  assert.equal(envelope.data.id, origin.albumId);
  assert.equal(envelope.data.images_count, 15);
  assert.equal(envelope.data.images.length, 15);
  const [image] = envelope.data.images;
  assert.match(String(image!.id), /^\w{7}$/);
  assert.equal(image!.link, `${origin.url}/${image!.id}.jpg`);
  assert.equal(image!.type, 'image/jpeg');
  assert.equal(image!.animated, false);
  assert.ok(!('mp4' in image!));
  for (const field of ['width', 'height', 'size', 'datetime'])
    assert.equal(typeof image![field], 'number', field);
});

test('every link gives the bytes, the type and the size that the API promised; so does the MP4 twin', async () => {
  const { envelope } = await ask(`/3/album/${origin.albumId}`);
  for (const image of envelope.data.images) {
    const answer = await fetch(String(image.link));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), image.type);
    assert.equal((await answer.arrayBuffer()).byteLength, image.size);
  }
  const animated = envelope.data.images.filter((image) => image.animated);
  assert.equal(animated.length, 1);
  const twin = await fetch(String(animated[0]!.mp4));
  assert.equal(twin.headers.get('content-type'), 'video/mp4');
  assert.equal((await twin.arrayBuffer()).byteLength, animated[0]!.mp4_size);
});

test('the album is also a gallery, its images can be asked for alone, and one image by itself', async () => {
  const album = (await ask(`/3/album/${origin.albumId}`)).envelope.data;
  assert.deepEqual((await ask(`/3/album/${origin.albumId}/images`)).envelope.data, album.images);
  assert.deepEqual((await ask(`/3/gallery/album/${origin.albumId}`)).envelope.data, album);
  assert.deepEqual((await ask(`/3/gallery/${origin.albumId}`)).envelope.data, album);
  assert.deepEqual((await ask(`/3/image/${album.images[3]!.id}`)).envelope.data, album.images[3]);
  assert.equal((await ask('/3/album/galleryonly')).answer.status, 404);
  assert.equal((await ask('/3/gallery/galleryonly')).answer.status, 200);
});

test('what is not there is 404 with an error in the envelope', async () => {
  for (const path of [
    '/3/album/nothere',
    '/3/album/constructor',
    '/3/image/nothere',
    '/3/gallery/x1',
    '/3/album/missing',
    '/3/x',
  ]) {
    const { answer, envelope } = await ask(path);
    assert.equal(answer.status, 404, path);
    assert.deepEqual([envelope.success, envelope.status], [false, 404]);
    assert.equal(envelope.data.request, path);
    assert.equal(envelope.data.method, 'GET');
    assert.equal(typeof envelope.data.error, 'string');
  }
});

test('a client id is needed, and it must be the right one where one is set', async () => {
  const path = `/3/album/${origin.albumId}`;
  assert.equal((await ask(path, '')).answer.status, 401);
  for (const authorization of ['Client-ID other', 'Client-ID', 'Bearer rubbish']) {
    const { answer, envelope } = await ask(path, authorization);
    assert.equal(answer.status, 403, authorization);
    assert.deepEqual([envelope.success, envelope.status], [false, 403]);
  }
});

test('a refresh token gives an access token that opens the API', async () => {
  const refresh = (form: Record<string, string>) =>
    fetch(`${origin.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  const form = { refresh_token: 'r', client_id: 'mine', client_secret: 's', grant_type: 'refresh_token' };
  const answer = await refresh(form);
  assert.equal(answer.status, 200);
  const token = (await answer.json()) as Record<string, unknown>;
  assert.equal(token.token_type, 'bearer');
  assert.equal(token.refresh_token, 'r');
  assert.equal(typeof token.expires_in, 'number');
  assert.equal(typeof token.account_username, 'string');
  assert.equal((await ask('/3/credits', `Bearer ${token.access_token}`)).answer.status, 200);
  assert.equal((await refresh({ ...form, grant_type: 'password' })).status, 400);
  assert.equal((await refresh({ ...form, refresh_token: '' })).status, 400);
  assert.equal((await refresh({ ...form, client_id: 'other' })).status, 403);
});

test('every answer says what is left of the limits; credits says it, too', async () => {
  const remaining = async () => {
    const { headers } = (await ask(`/3/album/${origin.albumId}`)).answer;
    for (const name of ['UserLimit', 'UserReset', 'ClientLimit', 'ClientRemaining']) {
      assert.match(headers.get(`X-RateLimit-${name}`) ?? '', /^\d+$/, name);
    }
    return Number(headers.get('X-RateLimit-UserRemaining'));
  };
  const first = await remaining();
  assert.ok((await remaining()) < first);
  const { data } = (await ask('/3/credits')).envelope;
  assert.deepEqual(Object.keys(data).sort(), [
    'ClientLimit',
    'ClientRemaining',
    'UserLimit',
    'UserRemaining',
    'UserReset',
  ]);
});

test('an album over capacity says so N times, in each of the three ways, and is good after that', async () => {
  for (const [id, status] of [
    ['overcap2', 403],
    ['busy2', 429],
    ['htmlbusy2', 200],
  ] as const) {
    for (let i = 0; i < 2; i += 1) {
      const { answer, text, envelope } = await ask(`/3/album/${id}`);
      assert.equal(answer.status, status);
      assert.match(text, /over capacity/i);
      assert.ok(!envelope.success);
    }
    assert.equal((await ask(`/3/album/${id}`)).envelope.data.images.length, 15);
  }
  for (let i = 0; i < 4; i += 1) assert.equal((await ask('/3/album/overcap')).answer.status, 403);
});

test('errors come as a text and as an object', async () => {
  assert.equal(typeof (await ask('/3/album/overcap')).envelope.data.error, 'string');
  assert.deepEqual(Object.keys((await ask('/3/album/busy')).envelope.data.error as object), [
    'code',
    'message',
    'type',
    'exception',
  ]);
});

test('other albums that behave badly do so', async () => {
  assert.equal((await ask('/3/album/refused')).answer.status, 403);
  assert.equal((await ask('/3/album/broken1')).answer.status, 500);
  assert.equal((await ask('/3/album/broken1')).answer.status, 200);
  const limited = await ask('/3/album/ratelimit1');
  assert.deepEqual([limited.answer.status, limited.answer.headers.get('retry-after')], [429, '1']);
  const html = await ask('/3/album/html');
  assert.equal(html.answer.status, 200);
  assert.match(html.answer.headers.get('content-type')!, /text\/html/);
  assert.throws(() => JSON.parse(''));
  const cut = await ask('/3/album/cut');
  assert.equal(cut.answer.headers.get('content-type'), 'application/json');
  assert.throws(() => JSON.parse(cut.text));
  assert.deepEqual((await ask('/3/album/empty')).envelope.data.images, []);
});

test('an album without credits is given, and says that nothing more will be', async () => {
  const last = await ask('/3/album/nocredits');
  assert.equal(last.answer.status, 200);
  assert.equal(last.answer.headers.get('X-RateLimit-UserRemaining'), '0');
  const over = await ask('/3/album/outofcredits');
  assert.deepEqual([over.answer.status, over.answer.headers.get('X-RateLimit-ClientRemaining')], [403, '0']);
});

test('an album that gives only its first ten images has all of them at /images', async () => {
  const { data } = (await ask('/3/album/partial')).envelope;
  assert.deepEqual([data.images.length, data.images_count], [10, 15]);
  assert.equal(((await ask('/3/album/partial/images')).envelope.data as unknown as unknown[]).length, 15);
});

test('albums list images that are gone, that are another than promised, and every fault', async () => {
  const removed = (await ask('/3/album/removed')).envelope.data.images;
  const gone = await fetch(String(removed[1]!.link));
  assert.equal(gone.url, `${origin.url}/removed.png`);
  const [blocked] = (await ask('/3/album/blocked')).envelope.data.images;
  assert.notEqual((await (await fetch(String(blocked!.link))).arrayBuffer()).byteLength, blocked!.size);
  const every = (await ask('/3/album/everyfault')).envelope.data.images;
  assert.ok(every.length > 60);
});

test('a request for a token whose JSON is no form is answered as one that lacks everything', async () => {
  for (const body of ['null', '[]', '7', '"x"']) {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${origin.url}/oauth2/token`, { method: 'POST', headers, body });
    assert.equal(answer.status, 400, body);
  }
});
