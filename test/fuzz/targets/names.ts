import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { safeText, shownUrl } from '../../../src/cli/safe-text.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { printableUrl, shortUrl } from '../../../src/core/printable-url.ts';
import { safeSegment } from '../../../src/core/safe-name.ts';
import { finishTarget, suffixed } from '../../../src/core/target.ts';
import { remoteName } from '../../../src/download/remote-name.ts';
import { requestUrl } from '../../../src/download/request-url.ts';
import { RequestError } from '../../../src/http/request-error.ts';
import { collisionKey, compileTemplate } from '../../../src/plan/output-name.ts';
import { readUrl } from '../../../src/sources/direct.ts';
import { textsNear } from '../mutations.ts';
import { expectSafePath } from '../shapes.ts';
import { allowing, target } from '../target.ts';

const names = textsNear(
  ['photo', 'At dawn', '../../etc/passwd', 'CON', 'a\u0301'.repeat(300), '語'.repeat(300)],
  ['.gallop', 'nul', '\u200b'],
);

const segments = target<string>({
  name: 'safe names',
  weight: 30,
  open: () => ({
    inputs: names,
    check(text) {
      const safe = safeSegment(text);
      expectSafePath(safe);
      assert.equal(safeSegment(safe), safe);
      collisionKey(safe);
    },
  }),
});

const words = [
  ...[
    '{album}',
    '{album.title}',
    '{id}',
    '{index}',
    '{index:03}',
    '{index:09}',
    '{title}',
    '{host}',
    '{path}',
    '{name}',
  ],
  ...['{sha256}', '{remote}', '{ext}', '{__proto__}', '/', 'con', '.gallop', '{{', '}}'],
];

const templates = target<{ template: string; texts: string[]; path: string }>({
  name: 'templates of names',
  weight: 20,
  open: () => ({
    inputs: fc.record({
      template: textsNear(
        ['{album}/{id}.{ext}', '{host}/{path}/{name}', '{sha256}', '{index:03} {title}.{ext}', '{remote}'],
        words,
      ).map((text) => text.slice(0, 1000)),
      texts: fc.array(
        names.map((text) => text.slice(0, 1000)),
        { minLength: 4, maxLength: 4 },
      ),
      path: textsNear(['/a/b%20c/Photo.one.jpg', '/%2e%2e/%252e%252e/x']),
    }),
    check({ template, texts, path }) {
      const outputName = allowing([UsageError], () => compileTemplate(template));
      if (outputName === undefined) return;
      const [name, title, id, remote] = texts as [string, string, string, string];
      const item = {
        key: 'k',
        url: `https://h.example${path}`,
        name,
        title,
        album: { id, title },
        index: 7,
        reach: [],
      };
      const open = outputName(item);
      assert.equal(outputName(item), open);
      const final = finishTarget(open, { ext: 'png', sha256: 'f'.repeat(64), remote });
      expectSafePath(suffixed(final, 'k'));
      assert.match(final, /\.png$/);
    },
  }),
});

const dispositions = target<string>({
  name: 'Content-Disposition',
  weight: 40,
  open: () => ({
    inputs: textsNear(
      [
        'attachment; filename="holiday.jpg"',
        "attachment; filename*=UTF-8''%e2%82%ac%20rates.jpg; filename=x",
        'inline',
        'filename="a\\"b"',
      ],
      ['filename=', 'filename*=', "utf-8''", '\\"', ' filename="'.repeat(500)],
    ),
    check(text) {
      const headers = { 'content-disposition': text };
      const name = remoteName({
        status: 200,
        headers,
        url: new URL('http://h/x.jpg'),
        sentAt: 0,
        firstByteAt: 0,
      });
      assert.ok(name.length <= text.length + 10);
      expectSafePath(finishTarget('{remote}.{ext}', { ext: 'jpg', sha256: 'f'.repeat(64), remote: name }));
    },
  }),
});

const addresses = textsNear(
  [
    'https://user:s3cret@h.example/a?b#c',
    'user:s3cret@h.example/x',
    '//user:s3cret@h/',
    'http://h/a@b',
    'https:user:s3cret@h/x',
  ],
  ['@', ':', '//', 'https://', '%40', '\\'],
);

/** No reader of addresses finds a password in what is shown of one. */
const shownUrls = target<string>({
  name: 'addresses to show',
  weight: 60,
  open: () => ({
    inputs: addresses,
    check(text) {
      const shown = printableUrl(text);
      const url = URL.parse(shown);
      assert.equal(`${url?.username ?? ''}${url?.password ?? ''}`, '', shown);
      assert.ok(shown.length <= 12 * text.length + 20);
      assert.doesNotMatch(shownUrl(shown), /\p{Cc}/u);
      assert.doesNotMatch(shortUrl(text), /^https?:\/\/[^/?#]*@/);
      const read = readUrl(text);
      if (typeof read === 'string') assert.ok(read.length < text.length + 200);
      allowing([RequestError], () => requestUrl(text));
    },
  }),
});

const shownTexts = target<string>({
  name: 'texts for a terminal',
  weight: 30,
  open: () => ({
    inputs: textsNear(
      ['a title', '\x1b[31mred\x1b[0m', '\x1b]8;;http://h/\x07link', '\x9b31m'],
      ['\x1b', '\x1b[', '\x1b]', ';', '\x07', '\x9b', '\x1b['.repeat(2000)],
    ),
    check(text) {
      const shown = safeText(text);
      assert.ok(shown.isWellFormed());
      assert.doesNotMatch(shown, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    },
  }),
});

/** The finished names of any two targets are two names, also on file systems that fold them. */
const pairs = target<{ one: string; other: string }>({
  name: 'two names',
  weight: 20,
  open: () => ({
    inputs: fc
      .record({ one: names, other: names })
      .map(({ one, other }) => ({ one: one.slice(0, 500), other: other.slice(0, 500) })),
    check({ one, other }) {
      const [a, b] = [`${safeSegment(one)}.{ext}`, `${safeSegment(other)}.{ext}`];
      if (collisionKey(a) !== collisionKey(b)) {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
          assert.notEqual(a.normalize(form).toLowerCase(), b.normalize(form).toLowerCase());
          assert.notEqual(a.normalize(form).toUpperCase(), b.normalize(form).toUpperCase());
        }
      }
      assert.equal(suffixed(a, one), suffixed(a, one));
      if (hash('sha256', one).slice(0, 8) !== hash('sha256', other).slice(0, 8)) {
        assert.notEqual(collisionKey(suffixed(a, one)), collisionKey(suffixed(a, other)));
      }
    },
  }),
});

export const nameTargets = [segments, templates, dispositions, shownUrls, shownTexts, pairs];
