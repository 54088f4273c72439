import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { blankOutcome } from '../../src/core/blank-outcome.ts';
import type { Item } from '../../src/core/item.ts';
import { FailedList } from '../../src/run/failed-list.ts';
import { itemsOfList } from '../../src/sources/list.ts';
import { all, testContext } from '../sources/support.ts';
import { scratch } from '../support/scratch.ts';

/** What `-i` reads of what `--failed` wrote about one item. */
async function again(item: Item, message: string): Promise<Item[]> {
  using work = scratch();
  const failedFile = join(work.path, 'failed.txt');
  const list = new FailedList({ failedFile, input: null });
  const error = { code: 'server-error', message, retryable: true } as const;
  list.add({ ...blankOutcome(item), status: 'failed', error }, item);
  list.close();
  return await all(itemsOfList(failedFile, testContext({}, { environment: {} })));
}

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
