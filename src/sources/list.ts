import type { Item } from '../core/item.ts';
import { type ItemNote, parseItemNote } from '../core/item-note.ts';
import { EntryReader } from './entries.ts';
import { badFile, checkText, type InputStream, openStream } from './input-stream.ts';
import type { SourceContext } from './source.ts';
import { textLines } from './text-lines.ts';

/** Characters; a line that is longer is one bad item. */
const longestLine = 64 * 1024;
const hint = 'give a text with one address a line, plain or gzipped';

/**
 * One item a line, streamed: addresses, `imgur:ID`, and Imgur's albums, which are expanded in place. Lines
 * that begin with `#` and empty ones are passed over, but for the notes that `--failed` writes. `file` is the name in
 * messages where there are several.
 */
export async function* itemsOfList(
  input: InputStream,
  context: SourceContext,
  file: string | null = null,
): AsyncGenerator<Item> {
  const reader = new EntryReader(context, { unit: 'line', file });
  /** What a comment said of the next address. */
  let note: ItemNote | null = null;
  let last = 0;
  const lines = textLines(openStream(input, context), { signal: context.signal, maxLength: longestLine });
  try {
    for await (const some of lines) {
      if (last === 0) checkText(some[0]!.text, input.name, 'a list', hint);
      for (const line of some) {
        last = line.number;
        const text = line.text.trim();
        if (text === '') continue;
        if (text.startsWith('#')) {
          note = parseItemNote(text) ?? note;
          continue;
        }
        const problem = line.cut ? `longer than ${longestLine} characters` : undefined;
        const found = reader.read({ number: line.number, text, problem, note });
        note = null;
        if ('key' in found) yield found;
        else yield* found;
      }
    }
  } catch (error) {
    throw badFile(error, input.name, `past line ${last}`);
  }
}
