import type { Item } from '../core/item.ts';
import { type InputFile, inputFiles } from './input-files.ts';
import { itemsOfList } from './list.ts';
import type { SourceContext } from './source.ts';

/** Everything that `-i` names, checked. */
export interface Inputs {
  items(context: SourceContext): AsyncGenerator<Item>;
}

/**
 * Looks at what `-i` names before anything is fetched: whether it is there, and, of tables, whether they have the
 * columns that the run speaks of. Of what can be read only once, that is told when it is read. Throws a UsageError,
 * or a ListingError for a table that is none.
 */
export async function checkInputs(context: SourceContext): Promise<Inputs> {
  const files = await inputFiles(context.spec);
  for (const file of files) {
    if (file.format === 'list' || !file.isRegular) continue;
    const { checkTable } = await import('./tables/items-of-table.ts');
    context.tellColumns(await checkTable(file, context));
  }
  return { items: (inner) => itemsOfFiles(files, inner) };
}

async function* itemsOfFiles(files: readonly InputFile[], context: SourceContext): AsyncGenerator<Item> {
  for (const file of files) {
    const name = files.length === 1 ? null : file.name;
    if (file.format === 'list') yield* itemsOfList(file, context, name);
    else yield* (await import('./tables/items-of-table.ts')).itemsOfTable(file, context, name);
  }
}
