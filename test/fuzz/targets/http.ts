import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  beginningOf,
  isStretchOf,
  OtherPartError,
  parseContentRange,
  restBytes,
} from '../../../src/download/resume.ts';
import { answerError } from '../../../src/http/answer-error.ts';
import { joinedHeaders } from '../../../src/http/joined-headers.ts';
import { nextHop, reachOfHop } from '../../../src/http/redirect.ts';
import { RequestError } from '../../../src/http/request-error.ts';
import { parseRetryAfter } from '../../../src/http/retry-timing.ts';
import type { ResponseHead } from '../../../src/http/transfer.ts';
import { textsNear } from '../mutations.ts';
import { expectFailure } from '../shapes.ts';
import { allowing, target } from '../target.ts';

const now = Date.UTC(2025, 0, 1);
const retryAfterValues = textsNear(
  ['120', '0', 'Wed, 21 Oct 2037 07:28:00 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'],
  ['GMT', '+9999', '275760', '-000001', 'BC'],
);

const retryAfter = target<string>({
  name: 'Retry-After',
  weight: 60,
  open: () => ({
    inputs: retryAfterValues,
    check(text) {
      const ms = parseRetryAfter(text, now);
      if (ms === undefined) {
        assert.doesNotMatch(text, /^\d+$/, 'seconds that are not heard');
        return;
      }
      assert.ok(ms >= 0 && Number.isSafeInteger(ms), `${ms} ms`);
      // Who waits says until when.
      new Date(Date.now() + ms).toISOString();
    },
  }),
});

const from = new URL('https://pictures.example/a/b.jpg');

const redirect = target<{ location: string; allowDowngrade: boolean }>({
  name: 'Location',
  weight: 60,
  open: () => ({
    inputs: fc.record({
      location: textsNear(
        [
          '/removed.png',
          'https://other.example/x?y#z',
          '//h/x',
          'http://10.0.0.1/',
          'data:image/gif;base64,R0lGOD',
          '../../x',
        ],
        ['http:', 'https:', 'ftp:', 'javascript:', '0x7f000001', '[::ffff:7f00:1]', 'ｈttp://'],
      ),
      allowDowngrade: fc.boolean(),
    }),
    check({ location, allowDowngrade }) {
      const to = allowing([RequestError], () => nextHop(from, location, 1, allowDowngrade));
      if (to === undefined) return;
      assert.match(to.href, allowDowngrade ? /^https?:\/\/[^/]/ : /^https:\/\/[^/]/);
      assert.deepEqual(reachOfHop('public', to.origin === from.origin), []);
    },
  }),
});

const badAnswer = target<{ status: number; retryAfter: string | undefined; path: string }>({
  name: 'answers that are errors',
  weight: 40,
  open: () => ({
    inputs: fc.record({
      status: fc.integer({ min: 200, max: 999 }),
      retryAfter: fc.option(retryAfterValues, { nil: undefined }),
      path: textsNear(['/a/b.jpg', '/']).map((text) => text.slice(0, 2000)),
    }),
    check({ status, retryAfter, path }) {
      const url = URL.parse(path, from.href) ?? from;
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      const error = answerError({ status, headers, url, sentAt: 0, firstByteAt: 0 });
      expectFailure({ ...error.failure, message: error.message.slice(0, 5000) });
      assert.ok(error.retryAfterMs === undefined || error.retryAfterMs >= 0);
    },
  }),
});

const beginning = { address: 'a', validator: '"tag"', totalBytes: 10 };

/** A broken download goes on with exactly what is missing, or not at all. */
const contentRange = target<{ range: string; status: number; etag: string | undefined; length: string }>({
  name: 'Content-Range',
  weight: 40,
  open: () => ({
    inputs: fc.record({
      range: textsNear(
        ['bytes 5-9/10', 'bytes 5-9/*', 'bytes 2-5/10', 'bytes */10', 'bytes 0-9/10'],
        ['bytes ', '/', '*', '-'],
      ),
      status: fc.constantFrom(206, 206, 206, 416),
      etag: fc.option(textsNear(['"tag"', 'W/"tag"']), { nil: undefined }),
      length: textsNear(['5', '10', '4']),
    }),
    check({ range, status, etag, length }) {
      const found = parseContentRange(range);
      for (const number of [found?.from, found?.to, found?.totalBytes]) {
        assert.ok(number === undefined || number === null || Number.isSafeInteger(number), String(number));
      }
      const headers = {
        'content-range': range,
        'content-length': length,
        ...(etag === undefined ? {} : { etag }),
      };
      const head: ResponseHead = { status, headers, url: from, sentAt: 0, firstByteAt: 0 };
      if (isStretchOf(head, beginning, { from: 2, to: 6 }, 10)) {
        assert.deepEqual([status, found?.from, found?.to, etag], [206, 2, 5, beginning.validator]);
      }
      const rest = allowing([OtherPartError], () => restBytes(head, beginning, 5, false));
      if (rest === undefined) return;
      assert.deepEqual([rest, status, found?.from, found?.to], [5, 206, 5, 9]);
      assert.equal(etag, beginning.validator);
      assert.equal(beginningOf(head, from)?.validator, etag);
    },
  }),
});

const doubled = target<[name: string, value: string | string[]][]>({
  name: 'headers that come twice',
  weight: 30,
  open: () => {
    const value = textsNear(['10', '"tag"', 'bytes 0-1/2', '/x']);
    const name = fc.constantFrom(
      'retry-after',
      'etag',
      'location',
      'content-range',
      'set-cookie',
      'x-other',
      '__proto__',
      'content-encoding',
    );
    return {
      inputs: fc.array(fc.tuple(name, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))), {
        maxLength: 4,
      }),
      check(pairs) {
        const headers = joinedHeaders(Object.fromEntries(pairs));
        for (const [name, value] of Object.entries(headers)) {
          assert.ok(typeof value === 'string' || (name === 'set-cookie' && Array.isArray(value)), name);
        }
        const url = from;
        const error = answerError({ status: 503, headers, url, sentAt: 0, firstByteAt: 0 });
        assert.equal(error.code, 'server-error');
      },
    };
  },
});

export const httpTargets = [contentRange, doubled, retryAfter, redirect, badAnswer];
