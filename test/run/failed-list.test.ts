import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { blankOutcome } from '../../src/core/blank-outcome.ts';
import type { Item } from '../../src/core/item.ts';
import { FailedList } from '../../src/run/failed-list.ts';
import { all, itemsOfInput, testContext } from '../sources/support.ts';
import { scratch } from '../support/scratch.ts';

/** What `-i` reads of what `--failed` wrote about one item. */
async function again(item: Item, message: string): Promise<Item[]> {
  using work = scratch();
  const failedFile = join(work.path, 'failed.txt');
  const list = new FailedList({ failedFile, input: [] });
  const error = { code: 'server-error', message, retryable: true } as const;
  list.add({ ...blankOutcome(item), status: 'failed', error }, item);
  list.close();
  return await all(itemsOfInput(failedFile, testContext({}, { environment: {} })));
}

const error = { code: 'server-error', message: 'busy', retryable: true } as const;
const item: Item = { key: 'imgur:AbCdE', url: 'https://i.imgur.com/AbCdE.jpg', index: 1, reach: [] };

it('a reason with a NUL in it does not make the list another kind of file', async () => {
  const [found] = await again(item, 'it said \0\u0085');
  assert.deepEqual([found?.key, found?.failure], [item.key, undefined]);
});

it('an address that a listing wrote with a TAB or a wrong character in it is found again', async () => {
  for (const url of ['https://i.imgur.com/a\tb.jpg', ' https://i.imgur.com/\ufffd.jpg ']) {
    const [found] = await again({ ...item, url }, 'busy');
    assert.deepEqual([found?.key, found?.url, found?.failure], [item.key, new URL(url).href, undefined]);
  }
});

it('an item with a title of a million characters is found again', async () => {
  const key = 'not to be told from the address';
  const [found] = await again({ ...item, key, title: 'x'.repeat(1_000_000) }, 'busy');
  assert.equal(found?.key, key);
});

describe('the failed rows of a table', () => {
  it('are found again with the same options: caption, columns, digest and key', async () => {
    using work = scratch();
    const table = join(work.path, 'table.csv');
    const sha256 = 'ab'.repeat(32);
    const address = 'https://h.example/1.jpg';
    const lines = [
      'photo,text,h,size',
      `${address},A boat,${sha256},3`,
      `hello,No boat,${sha256},4`,
      '"1"2,x,y,z',
    ];
    writeFileSync(table, lines.join('\n'));
    const digestColumn = { digest: 'sha256', column: 'h' } as const;
    const spec = { urlColumn: 'photo', captionColumn: 'text', columns: ['size'], digestColumn };
    const context = () => testContext(spec, { environment: {} });
    const found = await all(itemsOfInput(table, context()));
    const failedFile = join(work.path, 'again.jsonl');
    const list = new FailedList({ ...spec, failedFile, input: [table] });
    for (const one of found)
      list.add({ ...blankOutcome(one), status: 'failed', error: one.failure ?? error }, one);
    list.close();
    const again = await all(itemsOfInput(failedFile, context()));
    assert.equal(again.length, 2);
    assert.deepEqual(again[0], found[0]);
    assert.deepEqual(again[0]?.expect, { sha256 });
    assert.deepEqual([again[1]?.url, again[1]?.row], ['hello', found[1]?.row]);
    assert.ok(readFileSync(failedFile, 'utf8').includes('closing quote'));
  });

  it('are those of other sources, too, with their albums', async () => {
    using work = scratch();
    const failedFile = join(work.path, 'again.ndjson');
    const list = new FailedList({ failedFile, input: [] });
    const ofAlbum: Item = { ...item, name: 'AbCdE', album: { id: 'xYz', title: 'The sea' } };
    list.add({ ...blankOutcome(ofAlbum), status: 'failed', error }, ofAlbum);
    list.close();
    const [found] = await all(itemsOfInput(failedFile, testContext({}, { environment: {} })));
    assert.deepEqual([found?.key, found?.url, found?.album], [ofAlbum.key, ofAlbum.url, ofAlbum.album]);
  });

  it('are not written into the folder that is read', () => {
    using work = scratch();
    const failedFile = join(work.path, 'again.jsonl');
    assert.throws(() => new FailedList({ failedFile, input: [work.path] }), {
      name: 'UsageError',
      message: /in the folder that -i reads/,
    });
    assert.deepEqual(readdirSync(work.path), []);
  });
});
