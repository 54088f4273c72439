import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Item } from '../../src/core/item.ts';
import { openListing } from '../../src/sources/listing.ts';
import { columnNames } from '../../src/sources/tables/table-csv.ts';
import { scratch } from '../support/scratch.ts';
import { album, all, bytesOf, data, image, testApi, testContext } from './support.ts';
import { itemsOf, one, three, told, two } from './table-support.ts';

const csv = `url,caption,size\n${one},"A boat, ""calm""",3\n${two},,4\n`;
const sha256 = 'Ab'.repeat(32);

describe('a table', () => {
  const rows: [url: string, columns: object][] = [
    [one, { caption: 'A boat, "calm"', size: '3' }],
    [two, { caption: '', size: '4' }],
  ];
  const tsv = `url\tcaption\tsize\n${one}\t"A boat, ""calm"""\t3\n${two}\t\t4\n`;
  const jsonl = rows.map(([url, columns]) => JSON.stringify({ url, ...columns })).join('\n');
  const utf16 = Buffer.from(`\ufeff${csv}`, 'utf16le');
  const files: [name: string, bytes: string | Uint8Array][] = [
    ['a.csv', csv],
    ['A.CSV', csv.replaceAll('\n', '\r\n')],
    ['mark.csv', `\ufeff${csv}`],
    ['wide.csv', utf16],
    ['a.csv.gz', gzipSync(csv)],
    ['gzipped-all-the-same.csv', gzipSync(utf16)],
    ['a.tsv', tsv],
    ['a.tab.gz', gzipSync(tsv)],
    ['a.jsonl', `${jsonl}\n`],
    ['a.ndjson', `\ufeff${jsonl}`],
    ['a.jsonl.gz', gzipSync(jsonl)],
  ];
  for (const [name, bytes] of files) {
    it(`is ${name} by its name`, async () => assert.deepEqual(told(await itemsOf(name, bytes)), rows));
  }

  it('gives an item a caption, and its columns in their order', async () => {
    const [first, second] = await itemsOf('a.csv', csv, { captionColumn: 'caption', columns: ['size'] });
    assert.deepEqual(first, {
      key: one,
      url: one,
      name: '1',
      index: 1,
      reach: ['loopback', 'private'],
      row: { caption: 'A boat, "calm"', columns: { caption: 'A boat, "calm"', size: '3' } },
    } satisfies Item);
    assert.deepEqual(second?.row, { columns: { caption: '', size: '4' } });
  });

  it('is what --input-format says, whatever its name, also from standard input', async () => {
    assert.deepEqual(told(await itemsOf('a.txt', csv, { inputFormat: 'csv' })), rows);
    const context = testContext({ input: ['-'], inputFormat: 'jsonl' }, { stdin: bytesOf(jsonl) });
    assert.deepEqual(told(await all(openListing(context.spec, context))), rows);
    assert.deepEqual(
      (await itemsOf('list.csv', `${one}\n${two}`, { inputFormat: 'list' })).map(({ url }) => url),
      [one, two],
    );
  });

  const columns: [what: string, text: string, spec: object, urls: string[]][] = [
    ['url', `x,url\n1,${one}`, {}, [one]],
    ['URL', `x,URL\n1,${one}`, {}, [one]],
    ['the only one', `photo\n${one}`, {}, [one]],
    ['the one that is named', `url,photo\n${one},${two}`, { urlColumn: 'photo' }, [two]],
    ['url, with spaces about it', ` url , x \n ${one} ,1`, {}, [one]],
    ['__proto__ beside it left out', `url,__proto__\n${one},1`, {}, [one]],
  ];
  for (const [what, text, spec, urls] of columns) {
    it(`has its addresses in the column ${what}`, async () => {
      const items = await itemsOf('a.csv', text, spec);
      assert.deepEqual(
        items.map(({ url }) => url),
        urls,
      );
    });
  }

  const usage: [what: string, name: string, text: string, spec: object, message: RegExp, hint: RegExp][] = [
    ['of two columns, neither of them url', 'a.csv', 'a,b\n1,2', {}, /not clear/, /'a', 'b'.*--url-column/],
    [
      'without the column of addresses',
      'a.csv',
      csv,
      { urlColumn: 'q' },
      /no column 'q'/,
      /'url', 'caption'/,
    ],
    ['without the caption', 'a.csv', csv, { captionColumn: 'q' }, /no column 'q'/, /--caption-column/],
    ['without a column to keep', 'a.jsonl', '{"url":1}', { columns: ['q'] }, /no column 'q'/, /--columns/],
    [
      'without a digest',
      'a.csv',
      csv,
      { digestColumn: { digest: 'md5', column: 'q' } },
      /no column 'q'/,
      /--digest-column/,
    ],
    ['without names', 'a.csv', `${one}\n${two}`, {}, /no line of column names/, /--input-format list/],
  ];
  for (const [what, name, text, spec, message, hint] of usage) {
    it(`${what} is a mistake of the command, told before anything is read on`, async () => {
      await assert.rejects(itemsOf(name, text, spec), { name: 'UsageError', exitCode: 2, message, hint });
    });
  }

  it('may have no rows, and no line', async () => {
    for (const name of ['a.csv', 'a.tsv', 'a.jsonl']) {
      assert.deepEqual(await itemsOf(name, ''), []);
      assert.deepEqual(await itemsOf(name, '\ufeff\n\n'), []);
    }
    assert.deepEqual(await itemsOf('a.csv', 'url,caption\n'), []);
  });

  const notTables: [what: string, name: string, bytes: string | Uint8Array][] = [
    ['a picture', 'a.csv', Buffer.of(0x89, 0x50, 0, 0, 10, 0)],
    ['a picture', 'a.jsonl', Buffer.of(0x89, 0x50, 0, 0, 10, 0)],
    ['a gzip that is cut off', 'a.csv', gzipSync(csv.repeat(1000)).subarray(0, -20)],
    ['CSV', 'a.jsonl', csv],
    ['one JSON array', 'a.jsonl', JSON.stringify([{ url: one }])],
    ['a header that never ends', 'a.csv', '"url,caption\nx'],
  ];
  for (const [what, name, bytes] of notTables) {
    it(`by the name of ${name} that is ${what} ends the listing`, async () => {
      await assert.rejects(itemsOf(name, bytes), { name: 'ListingError', code: 'bad-file', exitCode: 4 });
    });
  }

  it('that ends the listing is let go of', async () => {
    const wrong: [inputFormat: 'csv' | 'jsonl', text: string][] = [
      ['csv', '"url" x\n'],
      ['jsonl', 'hello\n'.repeat(200)],
    ];
    for (const [inputFormat, text] of wrong) {
      const stdin = new PassThrough();
      stdin.write(text);
      const context = testContext({ input: ['-'], inputFormat }, { stdin });
      await assert.rejects(all(openListing(context.spec, context)), { code: 'bad-file' });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(stdin.destroyed, true);
    }
  });

  it('goes on after a row that is not right, which is one failed item with its line', async () => {
    const lines = ['url,h', one, '"",1', 'hello,1', `${two},2`, 'x,"open', `${three},"3" 4`, `${three},3`];
    const items = await itemsOf('a.csv', lines.join('\n'));
    assert.deepEqual(told(items), [
      ['line 2: 1 field, and the first line has 2', undefined],
      ["line 3: no address in the column 'url'", { h: '1' }],
      ['line 4: not an address: write https://host/path', { h: '1' }],
      [two, { h: '2' }],
      ['line 6: text after a closing quote', undefined],
      ['line 7: text after a closing quote', undefined],
      [three, { h: '3' }],
    ]);
    const codes = items.flatMap(({ failure }) => failure?.code ?? []);
    assert.deepEqual(codes.slice(0, 4), ['bad-row', 'bad-url', 'bad-url', 'bad-row']);
    assert.deepEqual(
      items.map(({ index }) => index),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.equal(new Set(items.map(({ key }) => key)).size, items.length);
  });

  it('bounds a row of many megabytes, which is one failed item', async () => {
    const long = 'x'.repeat(3_000_000);
    const items = await itemsOf('a.csv', `url,h\n${one},"${long}"\n${two},2\n`);
    assert.match(items[0]!.failure!.message, /^line 2: longer than 1048576/);
    assert.deepEqual([items.length, items[1]?.url], [2, two]);
    assert.ok(JSON.stringify(items[0]).length < 10_000);
    const large = 'y'.repeat(1_000_000);
    const [whole] = await itemsOf('a.csv', `url,h\n${one},"${large}"\n`);
    assert.deepEqual(whole?.row?.columns, { h: large });
  });

  it('shows no password of a row that is not right', async () => {
    const items = await itemsOf('a.csv', `url,h\nhttps://user:s3cret@h.example/x.jpg,"open" 1\n`);
    assert.match(items[0]!.failure!.message, /closing quote/);
    assert.doesNotMatch(JSON.stringify(items), /s3cret/);
  });

  it('is not held: it is read no faster than its rows are taken', async () => {
    let made = 0;
    async function* chunks() {
      yield Buffer.from('url,n\n');
      for (; made < 100_000; made += 1000) {
        yield Buffer.from(
          Array.from({ length: 1000 }, (_, n) => `https://h.example/${made + n},"x"\n`).join(''),
        );
      }
    }
    const context = testContext({ input: ['-'], inputFormat: 'csv' }, { stdin: chunks() });
    let [taken, furthestAhead] = [0, 0];
    for await (const _ of openListing(context.spec, context)) {
      taken += 1;
      furthestAhead = Math.max(furthestAhead, made - taken);
    }
    assert.equal(taken, 100_000);
    assert.ok(furthestAhead <= 2000, `${furthestAhead} rows ahead`);
  });

  it('lets go of its input when its reader has enough', async () => {
    const stdin = new PassThrough();
    stdin.write(csv);
    const context = testContext({ input: ['-'], inputFormat: 'csv' }, { stdin });
    for await (const _ of openListing(context.spec, context)) break;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(stdin.destroyed, true);
  });

  it('promises the digests of a column, where there are some', async () => {
    const text = `url,h\n${one},${sha256}\n${two},\n${three},abc\n`;
    const items = await itemsOf('a.csv', text, {
      digestColumn: { digest: 'sha256', column: 'h' },
      columns: [],
    });
    assert.deepEqual(
      items.map(({ expect }) => expect),
      [{ sha256: sha256.toLowerCase() }, {}, undefined],
    );
    assert.equal(items[2]?.failure?.code, 'bad-row');
    assert.equal(items[2]?.failure?.message, "line 4: not the 64 hex digits of a sha256 in the column 'h'");
  });

  it('expands an album, but not where each row is to be one picture', async () => {
    await using api = await testApi({ '/3/album/alb': data(album('alb', [image('p1'), image('p2')])) });
    const text = `url,n\nimgur:alb,1\nhttps://i.imgur.com/pic0001.png,2\n`;
    const urls = async (spec: object) => {
      const context = testContext({ imgurApi: api.url, ...spec });
      return told(await itemsOf('a.csv', text, {}, context));
    };
    assert.deepEqual(await urls({}), [
      ['https://i.imgur.com/p1.jpg', { n: '1' }],
      ['https://i.imgur.com/p2.jpg', { n: '1' }],
      ['https://i.imgur.com/pic0001.png', { n: '2' }],
    ]);
    assert.deepEqual(await urls({ output: 'webdataset' }), [
      ['line 2: a row of a data set is one picture: give the address of the picture itself', { n: '1' }],
      ['https://i.imgur.com/pic0001.png', { n: '2' }],
    ]);
  });
});

describe('JSON lines', () => {
  it('keep what JSON says, and whole numbers that a number cannot hold as texts', async () => {
    const line = `{"url":"${one}","id":-5629499534213120777,"n":1.5,"t":[{"a":null}],"b":true,"s":"\\ud800"}`;
    const [item] = await itemsOf('a.jsonl', line);
    assert.deepEqual(item?.row?.columns, {
      id: '-5629499534213120777',
      n: 1.5,
      t: [{ a: null }],
      b: true,
      s: '\ufffd',
    });
  });

  it('may lack a column in a row, and have others in the next', async () => {
    const items = await itemsOf('a.jsonl', `{"url":"${one}"}\n{"url":"${two}","x":1,"caption":["a"]}`, {
      captionColumn: 'caption',
    });
    assert.deepEqual(
      items.map(({ row }) => row),
      [{ columns: {} }, { caption: '["a"]', columns: { x: 1, caption: ['a'] } }],
    );
  });

  it('that are none are one failed item each', async () => {
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const lines = [`{"url":"${one}"}`, '{"url":', '[1]', '{"url":5}', `{"url":"${two}","x":${deep}}`, '{}'];
    assert.deepEqual(told(await itemsOf('a.jsonl', lines.join('\n'))), [
      [one, {}],
      ['line 2: not JSON', undefined],
      ['line 3: not a JSON object', undefined],
      ["line 4: what is no text in the column 'url'", {}],
      ["line 5: 'x' is nested too deep", undefined],
      ["line 6: no address in the column 'url'", {}],
    ]);
  });

  it('nested a hundred thousand deep are one failed item', async () => {
    const [bad, good] = await itemsOf(
      'a.jsonl',
      `{"url":"${one}","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n{"url":"${two}"}`,
    );
    assert.ok(bad?.failure !== undefined);
    assert.equal(good?.url, two);
  });

  it('set no prototype', async () => {
    const [item] = await itemsOf('a.jsonl', `{"url":"${one}","__proto__":{"caption":"x"},"constructor":1}`);
    assert.equal(Object.getPrototypeOf(item!.row!.columns), Object.prototype);
    assert.deepEqual(Object.keys(item!.row!.columns), ['constructor']);
  });
});

describe('several inputs', () => {
  it('are read in their order, a folder in the order of its names, and count on', async () => {
    using work = scratch();
    const folder = join(work.path, 'folder');
    mkdirSync(join(folder, 'c.csv'), { recursive: true });
    writeFileSync(join(folder, 'b.csv'), `url\n${two}\n`);
    writeFileSync(join(folder, 'a.jsonl.gz'), gzipSync(`{"url":"${one}"}`));
    writeFileSync(join(folder, 'README.md'), 'hello');
    writeFileSync(join(folder, '.hidden.csv'), 'a,b');
    writeFileSync(join(work.path, 'list'), `${three}\nhello`);
    const input = [folder, join(work.path, 'list'), join(folder, 'b.csv')];
    const context = testContext({ input }, { environment: {} });
    const items = await all(openListing(context.spec, context));
    assert.deepEqual(
      items.map(({ index, url }) => [index, url]),
      [
        [1, one],
        [2, two],
        [3, three],
        [4, 'hello'],
        [5, two],
      ],
    );
    assert.match(items[3]!.failure!.message, /list, line 2: not an address/);
  });

  it('are all looked at before the first item', async () => {
    using work = scratch();
    writeFileSync(join(work.path, 'a.csv'), csv);
    writeFileSync(join(work.path, 'b.csv'), 'x,y\n1,2');
    const context = testContext({ sources: [one], input: [work.path] });
    const listing = openListing(context.spec, context)[Symbol.asyncIterator]();
    await assert.rejects(listing.next(), { name: 'UsageError', message: /b\.csv/ });
  });

  it('give each row a key of its own where there is an output, the same on every run', async () => {
    using work = scratch();
    const file = join(work.path, 'a.csv');
    writeFileSync(file, `url\n${one}\nhello\n${one}\n`);
    const keys = async (output: 'files' | null) => {
      const context = testContext({ input: [file, file], output });
      return (await all(openListing(context.spec, context))).map(({ key }) => key);
    };
    const found = await keys('files');
    assert.deepEqual([found[0], found[2], found[3], found.length], [`0 ${one}`, `2 ${one}`, `3 ${one}`, 6]);
    assert.equal(new Set(found).size, 6);
    assert.deepEqual(await keys('files'), found);
    assert.equal((await keys(null))[2], one);
  });

  it('of a folder without a list in it are a mistake of the command', async () => {
    using work = scratch();
    const context = testContext({ input: [work.path] });
    await assert.rejects(all(openListing(context.spec, context)), {
      name: 'UsageError',
      message: /no list in it/,
    });
  });
});

describe('names of columns', () => {
  it('are given once each, and to columns that have none', () => {
    assert.deepEqual(columnNames(['a', 'a', 'a_2', 'a', '', ' a ', 'column_5']), [
      'a',
      'a_3',
      'a_2',
      'a_4',
      'column_5_2',
      'a_5',
      'column_5',
    ]);
  });

  it('are given to a hundred thousand of one name at once', () => {
    assert.equal(new Set(columnNames(Array.from({ length: 100_000 }, () => 'a'))).size, 100_000);
  });
});
