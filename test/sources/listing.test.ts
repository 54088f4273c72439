import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InterruptedError, UsageError } from '../../src/core/errors.ts';
import { parseRange } from '../../src/core/options/option-kinds.ts';
import { openListing } from '../../src/sources/listing.ts';
import { findSource, sourceFor } from '../../src/sources/sources.ts';
import { album, all, bytesOf, data, image, testApi, testContext } from './support.ts';

const direct = (n: number) => `https://h.example/${n}.jpg`;
const many = (count: number) => Array.from({ length: count }, (_, n) => direct(n + 1));

async function listed(sources: string[], { range = '', input = [] as string[], stdin = '' } = {}) {
  const context = testContext(
    { sources, input, range: range === '' ? [] : parseRange(range) },
    { stdin: bytesOf(stdin), environment: {} },
  );
  const items = await all(openListing(context.spec, context));
  return { items, context, positions: items.map(({ index }) => index) };
}

describe('the map of sources', () => {
  const table: [input: string, name: string | undefined][] = [
    ['imgur:x', 'imgur'],
    ['https://imgur.com/a/x', 'imgur'],
    ['https://i.imgur.com/x.jpg', 'imgur'],
    ['demo:', 'demo'],
    ['demo:?images=3', 'demo'],
    ['https://h.example/x.jpg', 'direct'],
    ['HTTP://127.0.0.1:8080/x', 'direct'],
    ['h.example/x.jpg', undefined],
    ['ftp://h.example/x', undefined],
    ['demo', undefined],
  ];
  for (const [input, name] of table)
    it(`gives ${input} to ${name}`, () => assert.equal(findSource(input)?.name, name));

  const wrong: [input: string, message: RegExp][] = [
    ['h.example/x.jpg', /write https:\/\/h\.example\/x\.jpg/],
    ['ftp://h.example/x', /write https:\/\/host\/path/],
    ['./list.txt', /-i \.\/list\.txt/],
    ['urls.txt.gz', /-i urls\.txt\.gz/],
    ['nonsense', /https:\/\/\.\.\..*imgur:ID.*demo:.*-i FILE/],
  ];
  for (const [input, message] of wrong) {
    it(`says of '${input}' what would be right`, () => {
      assert.throws(
        () => sourceFor(input),
        (error: UsageError) => {
          assert.match(`${error.message} (${error.hint})`, message);
          return error instanceof UsageError;
        },
      );
    });
  }
});

describe('openListing', () => {
  it('reads the sources in their order, then the list, and counts on', async () => {
    const { items, context } = await listed([direct(1), direct(2)], {
      input: ['-'],
      stdin: `${direct(3)}\n${direct(4)}`,
    });
    assert.deepEqual(
      items.map(({ url, index }) => [url, index]),
      [1, 2, 3, 4].map((n) => [direct(n), n]),
    );
    assert.deepEqual(items[0]?.reach, ['loopback', 'private', 'local']);
    assert.deepEqual(context.totals, [], 'the length of a list is not known');
  });

  it('tells the total once all sources have told theirs', async () => {
    assert.deepEqual((await listed(many(3))).context.totals, [3]);
  });

  const ranges: [range: string, positions: number[]][] = [
    ['2', [2]],
    ['2-3', [2, 3]],
    ['4-', [4, 5]],
    ['1,3-4,3', [1, 3, 4]],
    ['5-9', [5]],
    ['7-', []],
  ];
  for (const [range, expected] of ranges) {
    it(`lets through ${range} of five, and tells that total`, async () => {
      const { positions, context } = await listed(many(5), { range });
      assert.deepEqual(positions, expected);
      // Reading may have stopped before the last source told its part.
      if (context.totals.length > 0) assert.deepEqual(context.totals, [expected.length]);
    });
  }

  it('tells the total of a range in an album', async () => {
    await using api = await testApi({
      '/3/album/alb': data(
        album(
          'alb',
          Array.from({ length: 30 }, (_, n) => image(`pic${n}`)),
        ),
      ),
    });
    const context = testContext({
      sources: ['imgur:alb'],
      imgurApi: api.url,
      range: parseRange('1-20,15-22,40-'),
    });
    assert.equal((await all(openListing(context.spec, context))).length, 22);
    assert.deepEqual(context.totals, [22]);
  });

  it('reads nothing behind the last position that is wanted', async () => {
    let lines = 0;
    async function* endless() {
      for (;;) yield Buffer.from(`https://h.example/${++lines}.jpg\n`);
    }
    const context = testContext({ input: ['-'], range: parseRange('2-3') }, { stdin: endless() });
    const items = await all(openListing(context.spec, context));
    assert.deepEqual(
      items.map(({ index }) => index),
      [2, 3],
    );
    assert.ok(lines <= 5);
  });

  it('refuses at once what no source takes, and nothing at all', () => {
    const context = testContext({ sources: [direct(1), 'nonsense'] });
    assert.throws(() => openListing(context.spec, context), UsageError);
    assert.throws(() => openListing(testContext().spec, testContext()), /nothing to download/);
  });

  it('refuses a list that is not there before anything is downloaded', async () => {
    const context = testContext({ sources: [direct(1)], input: ['/nowhere/list.txt'] });
    await assert.rejects(all(openListing(context.spec, context)), UsageError);
    assert.deepEqual(context.totals, []);
  });

  it('refuses an address that cannot be, without repeating its password', async () => {
    await assert.rejects(listed(['https://']), UsageError);
    await assert.rejects(listed(['https://ann:a@hunter22@h example/x']), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter22/);
      return error instanceof UsageError;
    });
  });

  it('keeps user and password for the server alone: they are no part of the key', async () => {
    const { items } = await listed(['https://ann:hunter22@h.example/x.jpg#y']);
    assert.equal(items[0]?.key, 'https://h.example/x.jpg');
    assert.equal(items[0]?.url, 'https://ann:hunter22@h.example/x.jpg');
  });

  it('ends when the run is stopped', async () => {
    const controller = new AbortController();
    const context = testContext({ sources: many(3) }, { signal: controller.signal });
    const items = openListing(context.spec, context)[Symbol.asyncIterator]();
    assert.equal((await items.next()).value?.index, 1);
    controller.abort();
    await assert.rejects(items.next(), InterruptedError);
  });
});
