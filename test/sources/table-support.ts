import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Item } from '../../src/core/item.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { scratch } from '../support/scratch.ts';
import { all, itemsOfInput, type TestContext, testContext } from './support.ts';

export const [one, two, three] = [1, 2, 3].map((n) => `https://h.example/${n}.jpg`) as [
  string,
  string,
  string,
];

/** The items of a file of that name with these bytes. */
export async function itemsOf(
  name: string,
  bytes: string | Uint8Array,
  spec: Partial<RunSpec> = {},
  context: TestContext = testContext(spec, { environment: {} }),
): Promise<Item[]> {
  using work = scratch();
  const file = join(work.path, name);
  writeFileSync(file, bytes);
  return await all(itemsOfInput(file, context));
}

/** What matters of them: the address or what is wrong, and the row. */
export const told = (items: Item[]) =>
  items.map(({ url, failure, row }) => [failure?.message ?? url, row?.columns]);
