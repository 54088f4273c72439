import { UsageError } from '../core/errors.ts';
import type { Item } from '../core/item.ts';
import { defaultRunSpec } from '../core/options/options.ts';
import { cutBytes, isPlainPath, safeSegment, stemBytes } from '../core/safe-name.ts';
import { openPlaceholder, withoutBraces } from '../core/target.ts';
import { decodeSegment, urlName } from '../core/url-name.ts';

/** Where an item's file goes: a safe path relative to the destination; see `Work.target`. */
export type OutputName = (item: Item) => string;

const templateWithoutAlbum = '{host}/{name}.{ext}';
const ending = '.{ext}';
const mostDirectories = 32;
/** Bytes for all directories together: with a file name, well below the limits of paths. */
const directoryBytes = 780;

/** What an item has to say; its URL is parsed once, and only where a placeholder asks for it. */
class Subject {
  readonly item: Item;
  #url: URL | null | undefined;

  constructor(item: Item) {
    this.item = item;
  }

  get url(): URL | null {
    this.#url ??= URL.parse(this.item.url);
    return this.#url;
  }

  get host(): string {
    return this.url?.hostname.replace(/^\[|\]$/g, '') || 'unnamed';
  }

  get name(): string {
    return (this.url === null ? undefined : urlName(this.url)) || this.item.name || 'unnamed';
  }

  get id(): string {
    return this.item.name || this.name;
  }
}

/** Without what they name, the placeholders say the next best thing: an item always has a place. */
const placeholders: Record<string, (subject: Subject) => string> = {
  album: (subject) => subject.item.album?.id || subject.host,
  'album.title': (subject) => subject.item.album?.title || subject.item.album?.id || subject.host,
  id: (subject) => subject.id,
  index: (subject) => String(subject.item.index),
  title: (subject) => subject.item.title || subject.id,
  host: (subject) => subject.host,
  name: (subject) => subject.name,
};

/** Directories of the URL's path: the one value that may hold separators. */
function directories({ url }: Subject): string {
  const segments = url?.pathname.split('/').slice(0, -1) ?? [];
  return segments
    .filter((segment) => segment !== '')
    .map((segment) => safeValue(decodeSegment(segment)))
    .join('/');
}

const safeValue = (text: string) => safeSegment(/[{}]/.test(text) ? withoutBraces(text) : text);

type Part = (subject: Subject) => string;

/**
 * Compiles `--name`. In the template `/` separates directories; values never add separators, except
 * `{path}`. Throws a UsageError for an unknown placeholder, and for a path that leads out of the destination.
 * The default template gives items without an album `{host}/{name}.{ext}`.
 */
export function compileTemplate(template: string): OutputName {
  const compiled = compile(template);
  if (template !== defaultRunSpec.name) return (item) => compiled(new Subject(item));
  const withoutAlbum = compile(templateWithoutAlbum);
  return (item) => (item.album === undefined ? withoutAlbum : compiled)(new Subject(item));
}

function compile(template: string): Part {
  checkPath(template);
  const parts = [...template.matchAll(/\{([^{}]*)\}|[^{}]+|[{}]/g)].map(([text, name]) =>
    name === undefined ? literal(text) : placeholder(name),
  );
  // What runs when clicked is never written: the last word is the extension that the bytes have.
  if (!template.endsWith(ending)) parts.push(() => ending);
  return (subject) => fitPath(parts.map((part) => part(subject)).join(''));
}

function checkPath(template: string): void {
  const wrong = (text: string) => new UsageError(`--name '${template}': ${text}`);
  if (template.startsWith('/') || /^[A-Za-z]:/.test(template)) {
    throw wrong('names are relative to the directory of -d');
  }
  if (/[\p{Control}\\]/u.test(template))
    throw wrong('/ separates directories, \\ and control characters do not');
  const segments = template.split('/');
  if (segments.some((segment) => /^\s*\.+\s*$/.test(segment))) throw wrong('. and .. are no names');
  for (const segment of segments) {
    const open = [...segment.matchAll(openPlaceholder)].map(([text]) => text);
    const twice = open.find((text, at) => open.indexOf(text) !== at);
    if (twice !== undefined) throw wrong(`${twice} stands twice in one name`);
  }
  if (segments.at(-1) === '')
    throw wrong('ends with a directory: a file name such as {id}.{ext} must follow');
}

function literal(text: string): Part {
  if (text === '{' || text === '}') {
    throw new UsageError(`--name: a '${text}' stands alone; placeholders are written as in {id}.{ext}`);
  }
  return () => text;
}

function placeholder(name: string): Part {
  if (name === 'path') return directories;
  if (name.match(/^(ext|sha256|remote)$/)) return () => `{${name}}`;
  const width = /^index:0(\d)$/.exec(name)?.[1];
  if (width !== undefined) return ({ item }) => String(item.index).padStart(Number(width), '0');
  const value = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
  if (value === undefined) {
    throw new UsageError(
      `--name: there is no {${name}}; there are {album} {album.title} {id} {index} {index:03} {title} {host} {path} {name} {sha256} {remote} {ext}`,
    );
  }
  return (subject) => safeValue(value(subject));
}

/** Every segment safe as a whole and short enough, with room for what is still open. */
function fitPath(path: string): string {
  const whole = path.slice(0, -ending.length);
  if (isPlainPath(whole)) return path;
  const segments = whole.split('/');
  const stem = fitSegment(segments.pop()!, stemBytes);
  const named = segments.filter((segment) => segment !== '').slice(0, mostDirectories);
  const fair = Math.floor(directoryBytes / Math.max(named.length, 4));
  return [...named.map((segment) => fitSegment(segment, fair)), stem].join('/') + ending;
}

const roomFor: Record<string, number> = { '{sha256}': 64, '{remote}': 80, '{ext}': 10 };

function fitSegment(segment: string, maxBytes: number): string {
  if (!segment.includes('{')) return safeSegment(segment, maxBytes);
  const pieces = segment.split(new RegExp(`(${openPlaceholder.source.replace('(', '(?:')})`));
  let left = pieces.reduce((room, piece) => room - (roomFor[piece] ?? 0), maxBytes);
  const fitted = pieces.map((piece) => {
    if (roomFor[piece] !== undefined) return piece;
    const cut = cutBytes(piece, Math.max(left, 0));
    left -= Buffer.byteLength(cut);
    return cut;
  });
  return safeSegment(fitted.join(''), stemBytes);
}

const isAscii = /^[\0-\x7f]*$/;

/**
 * Equal for two targets that are one file on some file system: those that ignore case (NTFS, APFS) or
 * the Unicode form (APFS, HFS+). Says yes too often rather than too seldom.
 */
export function collisionKey(target: string): string {
  if (isAscii.test(target)) return target.toLowerCase();
  // By way of upper case, so that ß and ss, ſ and s, ς and σ are the same.
  return target.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
