import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ListingError, UsageError } from '../../../src/core/errors.ts';
import type { AddressRange } from '../../../src/core/item.ts';
import type { ApiAnswer, HttpClient } from '../../../src/http/client.ts';
import { imgur } from '../../../src/sources/imgur.ts';
import { ImgurQuota } from '../../../src/sources/imgur-quota.ts';
import { isImgur, parseImgurLink } from '../../../src/sources/imgur-url.ts';
import { album, clientId, data, failure, image, testContext } from '../../sources/support.ts';
import { textsNear } from '../mutations.ts';
import { expectItem } from '../shapes.ts';
import { allowingAsync, target } from '../target.ts';

const animated = image('GiFfy', {
  type: 'image/gif',
  link: 'https://i.imgur.com/GiFfyh.gif',
  mp4: 'https://i.imgur.com/GiFfy.mp4',
  mp4_size: 1234,
});
const answers = [
  data(album('xYz', [image('AbCdE'), image('FgHiJ'), animated])),
  data(album('xYz', [image('AbCdE')], { images_count: 12 })),
  data([image('AbCdE'), image('FgHiJ')]),
  data(image('AbCdE')),
  data([album('one', [image('AbCdE')]), image('FgHiJ')]),
  failure(404, 'Unable to find an album'),
  failure(403, { code: 1040, message: 'Imgur is temporarily over capacity', type: 'X', exception: [] }),
  failure(429, 'Too many requests'),
].map(({ body }) => JSON.stringify(body));
const pages = ['<html><body>over capacity</body></html>', '{"data":', 'null'];
const words = [
  '"id":',
  '"id":null',
  '"images":{}',
  '"success":false',
  '"status":1e999',
  '\\ud800',
  '"link":"\\u0000"',
  '"size":-1',
];

const headerValues = textsNear(['0', '1', '3600', '1700000000', 'Wed, 21 Oct 2037 07:28:00 GMT']);
const headers = fc.record(
  Object.fromEntries(
    [
      ...['retry-after', 'x-ratelimit-userremaining', 'x-ratelimit-userreset'],
      ...['x-ratelimit-clientremaining', 'x-ratelimit-clientreset'],
    ].map((name) => [name, headerValues]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>;

type Answer = Pick<ApiAnswer, 'status' | 'text' | 'headers' | 'range'>;
const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 301, 400, 401, 403, 404, 429, 500),
  text: textsNear([...answers, ...pages], words),
  headers: fc.oneof(fc.constant({}), headers),
  range: fc.constantFrom<AddressRange>('public', 'loopback'),
});

const inputs = [
  'imgur:xYz',
  'https://imgur.com/gallery/xYz',
  'https://imgur.com/user/someone',
  'https://i.imgur.com/AbCdE.jpg',
];
/** A patience of 30 s is spent in steps of 100 ms or more; pages that bring nothing new end the listing. */
const mostRequests = 1000;

/** Anything may come back from the API, over and over: items, or a `ListingError`, and an end. */
const listing = target<{ input: string; answers: Answer[] }>({
  name: "answers of Imgur's API",
  weight: 20,
  open: () => ({
    inputs: fc.record({
      input: fc.constantFrom(...inputs),
      answers: fc.array(answer, { minLength: 1, maxLength: 3 }),
    }),
    async check(given) {
      let requests = 0;
      const http: HttpClient = {
        async request(url) {
          requests += 1;
          assert.ok(requests <= mostRequests, 'asks without end');
          return { ...given.answers[Math.min(requests, given.answers.length) - 1]!, url };
        },
        async sleep(ms) {
          assert.ok(ms >= 0 && ms <= 30_000, `${ms} ms of sleep`);
        },
      };
      const context = { ...testContext({}, { environment: { CLIENT_ID: clientId } }), http };
      let index = 0;
      await allowingAsync([ListingError, UsageError], async () => {
        for await (const item of imgur.items(given.input, context)) {
          index += 1;
          expectItem(item, { index });
          assert.match(item.key, /^imgur:/);
          assert.ok(!JSON.stringify(item).includes(clientId));
        }
      });
    },
  }),
});

const links = target<string>({
  name: "Imgur's addresses",
  weight: 60,
  open: () => ({
    inputs: textsNear(
      [
        'https://imgur.com/a/some-title-AbCdE',
        'imgur:AbCdE',
        'https://i.imgur.com/AbCdEFgs.jpg',
        'http://m.imgur.io/t/tag/xYz',
        'https://imgur.com/user/a.b/posts',
      ],
      ['imgur.com', '/a/', '/gallery/', '/user/', '.gifv', '-'],
    ),
    check(text) {
      const link = parseImgurLink(text);
      if (link === null) return;
      assert.ok(isImgur(text));
      assert.match(link.id, link.kind === 'user' ? /^[\w.-]+$/ : /^\w+$/);
      if (link.direct !== undefined) assert.match(link.direct, /^https?:\/\/i\.imgur\.com\/\w+\.\w+$/);
    },
  }),
});

const quota = target<Record<string, string>>({
  name: "Imgur's limits",
  weight: 40,
  open: () => ({
    inputs: headers,
    check(given) {
      const it = new ImgurQuota(() => 1_700_000_000_000);
      it.read(given);
      assert.ok(it.waitMs >= 0 && Number.isFinite(it.waitMs));
      if (it.waitMs > 0) assert.equal(it.error().code, 'throttled');
    },
  }),
});

export const imgurTargets = [listing, links, quota];
