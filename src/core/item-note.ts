import type { Album, Expectation, Item } from './item.ts';

/** What an address alone does not say of an item. */
export type ItemNote = Pick<Item, 'key' | 'name' | 'title' | 'album' | 'expect'>;

const beginning = '#item ';
const longestKey = 8192;
/** Characters of any other text: enough for a name, and a note of four of them is a line that is still read. */
const longestText = 500;

/**
 * A comment line for a list, about the address on the next line: with it `-i` finds the same item again, with
 * its name, its album and what its source promised. Other programs pass over it.
 */
export function itemNote({ key, name, title, album, expect }: ItemNote): string {
  return beginning + JSON.stringify(shortNote({ key, name, title, album, expect }));
}

/** The note as data, its texts cut to what a line has room for; `noteFrom` reads it. */
export function shortNote({ key, name, title, album, expect }: ItemNote) {
  const shown = album && { id: short(album.id), title: short(album.title) };
  return { key, name: short(name), title: short(title), album: shown, expect };
}

const short = (text: string | undefined) => text?.slice(0, longestText);

/** Null for every other line, and for a note that was changed beyond use. */
export function parseItemNote(line: string): ItemNote | null {
  if (!line.startsWith(beginning)) return null;
  let note: unknown;
  try {
    note = JSON.parse(line.slice(beginning.length));
  } catch {
    return null;
  }
  return noteFrom(note);
}

/** Null for everything that is no note. */
export function noteFrom(note: unknown): ItemNote | null {
  if (!isRecord(note) || !isKey(note.key)) return null;
  const album = albumOf(note.album);
  const expect = expectationOf(note.expect);
  return {
    key: note.key,
    ...(isText(note.name) ? { name: note.name } : {}),
    ...(isText(note.title) ? { title: note.title } : {}),
    ...(album === null ? {} : { album }),
    ...(expect === null ? {} : { expect }),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
/** Half a character would be another key once it is stored. */
const isKey = (value: unknown): value is string =>
  isText(value) && value !== '' && value.length <= longestKey && value.isWellFormed();
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function albumOf(value: unknown): Album | null {
  if (!isRecord(value) || !isText(value.id)) return null;
  return { id: value.id, ...(isText(value.title) ? { title: value.title } : {}) };
}

/** What a text of ours, or of others, says of the bytes; null where it says nothing. */
export function expectationOf(value: unknown): Expectation | null {
  if (!isRecord(value)) return null;
  const numbers = ['bytes', 'width', 'height'].filter((name) => isCount(value[name]));
  const texts = ['sha256', 'sha1', 'md5', 'mime'].filter((name) => isText(value[name]));
  return Object.fromEntries([...numbers, ...texts].map((name) => [name, value[name]]));
}
