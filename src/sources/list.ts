import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { GallopError, InterruptedError, ListingError, UsageError } from '../core/errors.ts';
import type { FailureCode } from '../core/failures.ts';
import type { AddressRange, Item } from '../core/item.ts';
import { type ItemNote, parseItemNote } from '../core/item-note.ts';
import { printableUrl, shortUrl, withoutUsers } from '../core/printable-url.ts';
import { RequestError } from '../http/request-error.ts';
import { brokenItem } from './broken-item.ts';
import { directItem, readUrl } from './direct.ts';
import { imgur } from './imgur.ts';
import { imgurDirectItem } from './imgur-item.ts';
import { isImgur, parseImgurLink } from './imgur-url.ts';
import type { SourceContext } from './source.ts';
import { type Line, textLines } from './text-lines.ts';

/** Characters; a line that is longer is one bad item. */
const longestLine = 64 * 1024;
const shownOfBadLine = 2000;

/** A list is the user's own, and so are the places that it names; metadata services only when typed. */
const reach: AddressRange[] = ['loopback', 'private'];

/** Throws a UsageError where the file of `-i` is not there to be read. */
export async function checkListFile(input: string): Promise<void> {
  if (input === '-') return;
  try {
    const file = await open(input);
    const directory = (await file.stat()).isDirectory();
    await file.close();
    if (directory)
      throw new UsageError(`${input} is a directory, not a list`, {
        hint: 'give a file with one address a line',
      });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'no permission to read it'
          : String(code);
    throw new UsageError(`cannot read the list ${shortUrl(input)}: ${why}`, { cause: error });
  }
}

/**
 * One item a line, streamed: addresses, `imgur:ID`, and Imgur's albums, which are expanded in place. Lines
 * that begin with `#` and empty ones are passed over, but for the notes that `--failed` writes. A line that is nothing of this, and an album that cannot
 * be listed, is one item with a `failure`. Direct links to Imgur's pictures cost no request to its API.
 */
export async function* itemsOfList(input: string, context: SourceContext): AsyncGenerator<Item> {
  await checkListFile(input);
  const bytes: AsyncIterable<Uint8Array> = input === '-' ? context.stdin : createReadStream(input);
  const name = input === '-' ? 'standard input' : input;
  const reader = new ListReader(context);
  let last = 0;
  const lines = textLines(bytes, { signal: context.signal, maxLength: longestLine });
  try {
    for await (const some of lines) {
      if (last === 0) checkText(some[0]!, name);
      for (const line of some) {
        last = line.number;
        const found = reader.read(line);
        if (found === null) continue;
        if ('key' in found) yield found;
        else yield* found;
      }
    }
  } catch (error) {
    if (error instanceof GallopError) throw error;
    throw new ListingError(`${name} cannot be read past line ${last}: ${(error as Error).message}`, {
      code: 'bad-file',
      hint: 'the file may be cut off or damaged',
      cause: error,
    });
  }
}

function checkText({ text }: Line, name: string): void {
  if (!text.includes('\0')) return;
  throw new ListingError(`${name} is not a list: it holds bytes that are no text`, {
    code: 'bad-file',
    hint: 'give a text with one address a line, plain or gzipped',
  });
}

class ListReader {
  readonly #context: SourceContext;
  readonly #told = new Set<string>();
  #index = 0;
  /** What a comment said of the next address. */
  #note: ItemNote | null = null;

  constructor(context: SourceContext) {
    // How many items a list has is not known before its end.
    this.#context = { ...context, expectTotal: () => {} };
  }

  /** Of one line: its item, the items of its album, or nothing. Most lines are addresses and need no waiting. */
  read(line: Line): Item | AsyncIterable<Item> | null {
    const text = line.text.trim();
    if (text === '') return null;
    if (text.startsWith('#')) {
      this.#note = parseItemNote(text) ?? this.#note;
      return null;
    }
    const note = this.#note;
    this.#note = null;
    const problem = problemOf(text, line.cut);
    if (problem !== undefined) return this.#broken(line, 'bad-url', problem);
    // A note says which item it is: there is nothing to ask Imgur about.
    if (note === null && isImgur(text)) return this.#imgur(line, text);
    const url = readUrl(text);
    if (typeof url === 'string') return this.#broken(line, 'bad-url', url);
    this.#index += 1;
    return { ...directItem(url, this.#index, reach), ...note };
  }

  #imgur(line: Line, text: string): Item | AsyncIterable<Item> {
    const link = parseImgurLink(text);
    if (link?.direct === undefined) return this.#album(line, text);
    this.#index += 1;
    return imgurDirectItem({ ...link, direct: link.direct }, this.#index, reach);
  }

  async *#album(line: Line, text: string): AsyncGenerator<Item> {
    try {
      for await (const item of imgur.items(text, this.#context)) {
        this.#index += 1;
        item.index = this.#index;
        yield item;
      }
    } catch (error) {
      if (!(error instanceof GallopError) || error instanceof InterruptedError) throw error;
      // Said once for all lines that fail alike; each is among the outcomes.
      if (!this.#told.has(error.code)) {
        this.#context.note('warning', `line ${line.number} of the list: ${error.message}`);
      }
      this.#told.add(error.code);
      const hint = error.hint === undefined ? '' : `; ${error.hint}`;
      yield this.#broken(line, failureCode(error), error.message + hint);
    }
  }

  #broken(line: Line, code: FailureCode, problem: string): Item {
    this.#index += 1;
    const shown = withoutUsers(printableUrl(line.text.trim()));
    const text = shown
      .slice(0, shownOfBadLine)
      .toWellFormed()
      .replace(/\p{Control}/gu, '\uFFFD');
    const message = `line ${line.number}: ${problem}`;
    const item = brokenItem(`line:${line.number}:${text}`, text, this.#index, { code, message });
    return { ...item, meta: { line: line.number, error: problem } };
  }
}

/** What is wrong with a line before it is read as an address: the reader of addresses would forgive it. */
function problemOf(text: string, cut: boolean): string | undefined {
  if (cut) return `longer than ${longestLine} characters`;
  if (text.includes('\uFFFD')) return 'not UTF-8';
  if (/\p{Control}/u.test(text)) return 'a tab or another control character in it';
  return undefined;
}

const failureCodes: Record<string, FailureCode> = {
  'not-found': 'not-found',
  refused: 'forbidden',
  'no-credentials': 'forbidden',
  throttled: 'throttled',
  'not-an-answer': 'protocol',
  usage: 'bad-url',
};

function failureCode(error: GallopError): FailureCode {
  if (error.cause instanceof RequestError) return error.cause.code;
  return failureCodes[error.code] ?? 'connect';
}
