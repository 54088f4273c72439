import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { blankOutcome } from '../../../src/core/blank-outcome.ts';
import { ListingError } from '../../../src/core/errors.ts';
import { type FailureCode, failures } from '../../../src/core/failures.ts';
import type { Item } from '../../../src/core/item.ts';
import { itemNote, parseItemNote } from '../../../src/core/item-note.ts';
import { FailedList } from '../../../src/run/failed-list.ts';
import { textLines } from '../../../src/sources/text-lines.ts';
import { all, bytesOf, itemsOfInput, testContext } from '../../sources/support.ts';
import { bytesNear, textsNear } from '../mutations.ts';
import { expectItem } from '../shapes.ts';
import { allowingAsync, target } from '../target.ts';

const note = itemNote({
  key: 'imgur:AbCdE',
  name: 'AbCdE',
  title: 'At dawn',
  album: { id: 'xYz', title: 'The sea' },
  expect: { bytes: 370_000, sha256: 'ab'.repeat(32), mime: 'image/jpeg', width: 4, height: 3 },
});
const lists = [
  'https://a.example/1.jpg\nhttps://b.example/2.png\n',
  '# a comment\r\nhttp://127.0.0.1:8080/p?q=1#top\r\n\r\nimgur:AbCdE\r\n',
  `# not-found: gone\n${note}\nhttps://i.imgur.com/AbCdE.jpg\nhttps://imgur.com/a/xYz\n`,
  'https://user:secret@h.example/%E2%82%AC.jpg\nnot an address\nftp://h/x\nhttps://i.imgur.com/AbCdE.gifv',
  `https://h.example/${'long/'.repeat(2000)}x.jpg\nhttps://h.example/2`,
];
const words = [
  '#item ',
  '#item {"key":"k"}\n',
  'https://imgur.com/user/x',
  '"key":',
  '\u2029',
  ' '.repeat(70_000),
];

const encodings: Record<string, (text: string) => Buffer> = {
  utf8: (text) => Buffer.from(text),
  'utf8 with mark': (text) => Buffer.from(`\ufeff${text}`),
  utf16: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'utf16, big end first': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
};

/** A file is read in pieces, and their borders fall anywhere. */
function pieces(bytes: Buffer, size: number): Buffer[] {
  const result: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) result.push(bytes.subarray(at, at + size));
  return result;
}
const pieceSizes = fc.constantFrom(1, 2, 3, 7, 64, 1000, 65_536);
/** A piece costs a turn of the event loop or more: a long list in tiny ones only costs time. */
const atLeast = (size: number, bytes: Buffer) => Math.max(size, bytes.length >> 6);

async function expectList(chunks: Buffer[]): Promise<void> {
  const context = testContext({}, { environment: {}, stdin: bytesOf(...chunks) });
  let index = 0;
  await allowingAsync([ListingError], async () => {
    for await (const item of itemsOfInput('-', context)) {
      index += 1;
      expectItem(item, { index });
      assert.ok(item.reach.every((range) => range === 'loopback' || range === 'private'));
      if (item.failure === undefined) assert.match(item.url, /^https?:\/\/./);
      else {
        assert.doesNotMatch(item.url, /[\p{Control}]/u);
        assert.doesNotMatch(item.url + item.failure.message, /user:secret@/);
      }
    }
  });
  // Without credentials nothing can be asked of Imgur.
  assert.equal(context.http.slept.length, 0);
}

const list = target<{ text: string; encoding: string; size: number }>({
  name: 'list',
  weight: 20,
  open: () => ({
    inputs: fc.record({
      text: textsNear(lists, words),
      encoding: fc.constantFrom(...Object.keys(encodings)),
      size: pieceSizes,
    }),
    async check({ text, encoding, size }) {
      const bytes = encodings[encoding]!(text);
      await expectList(pieces(bytes, atLeast(size, bytes)));
    },
  }),
});

const zipped = target<{ bytes: Buffer; size: number }>({
  name: 'list, gzipped',
  weight: 8,
  open: () => ({
    inputs: fc.record({ bytes: bytesNear(lists.map((text) => gzipSync(text))), size: pieceSizes }),
    check: ({ bytes, size }) => expectList(pieces(bytes, atLeast(size, bytes))),
  }),
});

const maxLength = 50;

/** Against the plain way: decode all, then split. */
const lines = target<{ text: string; size: number }>({
  name: 'lines of a text',
  weight: 20,
  open: () => ({
    inputs: fc.record({
      text: textsNear(
        lists.map((text) => text.slice(0, 300)),
        ['\r\n', '\n\r\n'],
      ),
      size: pieceSizes,
    }),
    async check({ text, size }) {
      const bytes = Buffer.from(text);
      const { signal } = new AbortController();
      const found = (
        await all(textLines(bytesOf(...pieces(bytes, atLeast(size, bytes))), { signal, maxLength }))
      ).flat();
      const plain = bytes
        .toString()
        .replace(/^\ufeff/, '')
        .split('\n');
      if (plain.at(-1) === '') plain.pop();
      const expected = plain.map((raw, at) => {
        const whole = raw.replace(/\r$/, '');
        return { number: at + 1, text: whole.slice(0, maxLength), cut: whole.length > maxLength };
      });
      assert.deepEqual(found, expected);
    },
  }),
});

const itemNotes = target<string>({
  name: 'notes of items',
  weight: 40,
  open: () => ({
    inputs: textsNear(
      [note],
      ['"expect":', '"bytes":-1', '"bytes":1e400', '"album":null', '"name":{}', '\\ud800'],
    ),
    check(text) {
      const found = parseItemNote(text);
      if (found === null) return;
      expectItem({ url: '', index: 1, reach: [], ...found }, { index: 1 });
      // Long texts come back shorter, once.
      const again = parseItemNote(itemNote(found))!;
      assert.equal(JSON.stringify([again.key, again.expect]), JSON.stringify([found.key, found.expect]));
      assert.deepEqual(parseItemNote(itemNote(again)), again);
    },
  }),
});

const plain = { noNullPrototype: true };
const anyText = textsNear(['AbCdE', 'At dawn', '', 'x'.repeat(5000)]);
const addresses = textsNear(['https://i.imgur.com/AbCdE.jpg', 'http://h.example:81/a b/%20?x=1#y']).filter(
  (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
);

/** What `--failed` writes, `-i` reads: the same items again. */
const failedList = target<{ items: Omit<Item, 'index' | 'reach'>[]; code: FailureCode; message: string }>({
  name: 'list of failed items',
  weight: 4,
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'gallop-fuzz-'));
    const failedFile = join(directory, 'failed.txt');
    return {
      inputs: fc.record({
        items: fc.array(
          fc.record(
            {
              key: anyText.map((text) => `k${text}`.slice(0, 8000).toWellFormed()),
              url: addresses,
              name: anyText,
              title: anyText,
              album: fc.record({ id: anyText, title: anyText }, plain),
              expect: fc.record({ bytes: fc.maxSafeNat(), sha256: fc.constant('ab'.repeat(32)) }, plain),
            },
            { requiredKeys: ['key', 'url'], ...plain },
          ),
          { minLength: 1, maxLength: 3 },
        ),
        code: fc.constantFrom(...(Object.keys(failures) as FailureCode[])),
        message: anyText,
      }),
      async check({ items, code, message }) {
        const file = new FailedList({ failedFile, input: [] });
        for (const [at, given] of items.entries()) {
          const item: Item = { ...given, index: at + 1, reach: [] };
          file.add(
            { ...blankOutcome(item), status: 'failed', error: { code, message, retryable: true } },
            item,
          );
        }
        file.close();
        assert.ok(statSync(failedFile).size < 1_000_000);
        const again = await all(itemsOfInput(failedFile, testContext({}, { environment: {} })));
        assert.deepEqual(
          again.map(({ key, expect, failure }) => ({ key, expect, failure })),
          items.map(({ key, expect }) => ({ key, expect, failure: undefined })),
        );
        for (const [at, { url }] of items.entries()) {
          assert.equal(withoutUser(again[at]!.url), withoutUser(url));
        }
      },
      close: () => rmSync(directory, { recursive: true }),
    };
  },
});

/** What the list must not repeat, and what is never sent. */
function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = url.password = url.hash = '';
  return url.href;
}

export const listTargets = [list, zipped, lines, itemNotes, failedList];
