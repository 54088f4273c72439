import { GallopError, InterruptedError } from '../core/errors.ts';
import type { FailureCode } from '../core/failures.ts';
import type { AddressRange, Expectation, Item, Row } from '../core/item.ts';
import type { ItemNote } from '../core/item-note.ts';
import { printableUrl, withoutUsers } from '../core/printable-url.ts';
import { RequestError } from '../http/request-error.ts';
import { brokenItem } from './broken-item.ts';
import { directItem, readUrl } from './direct.ts';
import { imgur } from './imgur.ts';
import { imgurDirectItem } from './imgur-item.ts';
import { isImgur, parseImgurLink } from './imgur-url.ts';
import type { SourceContext } from './source.ts';

/** What one line of a list, or one row of a table, says. */
export interface Entry {
  /** From 1, of its line; of its row where rows have no lines. */
  number: number;
  /** An address, or what stands in its place. */
  text: string;
  /** What is wrong with it already; `badRow`, where that is not the address. */
  problem?: string | undefined;
  badRow?: boolean;
  note?: ItemNote | null;
  row?: Row;
  expect?: Expectation;
}

const shownOfBadText = 2000;

/** A list is the user's own, and so are the places that it names; metadata services only when typed. */
const reach: AddressRange[] = ['loopback', 'private'];

/** How the entries of a file are called in messages. */
export interface EntryNames {
  unit: 'line' | 'row';
  /** The file, where there are several. */
  file: string | null;
}

/**
 * Makes items of the entries of one file: of an address, of a link to a picture of Imgur's without a request, and of
 * Imgur's albums, which are expanded in place. An entry that is nothing of this, and an album that cannot be listed,
 * is one item with a `failure`.
 */
export class EntryReader {
  readonly #context: SourceContext;
  readonly #names: EntryNames;
  readonly #told = new Set<string>();
  #index = 0;

  constructor(context: SourceContext, names: EntryNames) {
    // How many items a list has is not known before its end.
    this.#context = { ...context, expectTotal: () => {} };
    this.#names = names;
  }

  /** The item of an entry, or the items of its album. Most entries are addresses and need no waiting. */
  read(entry: Entry): Item | AsyncIterable<Item> {
    const text = entry.text.trim();
    const { note = null, row, expect } = entry;
    const problem = entry.problem ?? problemOf(text);
    if (problem !== undefined) return this.#broken(entry, entry.badRow ? 'bad-row' : 'bad-url', problem);
    // A note says which item it is: there is nothing to ask Imgur about.
    if (note === null && isImgur(text)) return this.#imgur(entry, text);
    const url = readUrl(text);
    if (typeof url === 'string') return this.#broken(entry, 'bad-url', url);
    this.#index += 1;
    const item = directItem(url, this.#index, reach);
    if (row !== undefined) item.row = row;
    if (expect !== undefined) item.expect = expect;
    return note === null ? item : { ...item, ...note };
  }

  #imgur(entry: Entry, text: string): Item | AsyncIterable<Item> {
    const link = parseImgurLink(text);
    const { row, expect } = entry;
    if (link?.direct !== undefined) {
      this.#index += 1;
      const item = imgurDirectItem({ ...link, direct: link.direct }, this.#index, reach);
      return { ...item, ...(expect && { expect }), ...(row && { row }) };
    }
    // The places of the rows after it would move with the pictures of the album.
    if (row !== undefined && this.#context.spec.output !== null) {
      const problem = 'a row of a data set is one picture: give the address of the picture itself';
      return this.#broken(entry, 'bad-url', problem);
    }
    return this.#album(entry, text);
  }

  async *#album(entry: Entry, text: string): AsyncGenerator<Item> {
    try {
      for await (const item of imgur.items(text, this.#context)) {
        this.#index += 1;
        item.index = this.#index;
        if (entry.row !== undefined) item.row = entry.row;
        yield item;
      }
    } catch (error) {
      if (!(error instanceof GallopError) || error instanceof InterruptedError) throw error;
      // Said once for all entries that fail alike; each is among the outcomes.
      if (!this.#told.has(error.code)) {
        const { unit, file } = this.#names;
        this.#context.note(
          'warning',
          `${unit} ${entry.number} of ${file ?? (unit === 'line' ? 'the list' : 'the table')}: ${error.message}`,
        );
      }
      this.#told.add(error.code);
      const hint = error.hint === undefined ? '' : `; ${error.hint}`;
      yield this.#broken(entry, failureCode(error), error.message + hint);
    }
  }

  #broken(entry: Entry, code: FailureCode, problem: string): Item {
    this.#index += 1;
    const { unit, file } = this.#names;
    const { number, row } = entry;
    const text = withoutUsers(printableUrl(entry.text.trim()))
      .slice(0, shownOfBadText)
      .toWellFormed()
      .replace(/\p{Control}/gu, '\uFFFD');
    const place = file === null ? '' : `${file}, `;
    const key = `${file === null ? '' : `${file}:`}${unit}:${number}:${text}`;
    const message = `${place}${unit} ${number}: ${problem}`;
    const item = brokenItem(key, text, this.#index, { code, message });
    return { ...item, meta: { [unit]: number, error: problem }, ...(row && { row }) };
  }
}

/** What is wrong with a text before it is read as an address: the reader of addresses would forgive it. */
function problemOf(text: string): string | undefined {
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
