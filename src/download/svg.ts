import type { Body } from './endings.ts';
import type { Format } from './formats.ts';
import type { PixelSize } from './jpeg-size.ts';

/** What may stand before the drawing (declaration, comments, document type) has to end within so many bytes. */
export const svgHeadBytes = 16 * 1024;
/** Comments behind the drawing may be as long as this. */
const tailBytes = 64 * 1024;

type Encoding = 'utf8' | 'utf16le' | 'utf16be';

/** Encodings whose letters of ASCII are ASCII's count as UTF-8: all that is looked at is ASCII. */
function encodingOf(head: Buffer): Encoding {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf16be';
  return 'utf8';
}

function decoded(bytes: Buffer, encoding: Encoding): string {
  if (encoding !== 'utf16be') return bytes.toString(encoding);
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');
}

interface Root {
  attributes: string;
  /** There is nothing in it: the drawing ends with it. */
  isEmpty: boolean;
}

/** Pages may hold drawings, also where nothing else is to be seen. */
const htmlType = /<!DOCTYPE\s+html\b/iy;
const space = /\s*/y;
const rootTag = /<(?:[\w.-]+:)?svg(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>/y;
const rootBeginning = /<(?:[\w.-]{1,100}:)?(?:svg(?:[\s/]|$)|[\w.-]*$)/y;

/** Null: this is no SVG. `open`: so far it may be the beginning of one. */
function rootOf(head: Buffer): Root | 'open' | null {
  const text = decoded(head.subarray(0, svgHeadBytes), encodingOf(head)).replace(/^\ufeff/, '');
  let at = 0;
  for (;;) {
    at = end(space, text, at)!;
    if (at === text.length) return 'open';
    let next: number | null;
    if (text.startsWith('<?', at)) next = behind('?>', text, at);
    else if (text.startsWith('<!--', at)) next = behind('-->', text, at);
    else if (end(htmlType, text, at) !== null) return null;
    else if (/^<!DOCTYPE\s/i.test(text.slice(at, at + 10))) next = behindDocumentType(text, at);
    else break;
    if (next === null) return 'open';
    at = next;
  }
  rootTag.lastIndex = at;
  const attributes = rootTag.exec(text)?.[1];
  if (attributes !== undefined) return { attributes, isEmpty: attributes.endsWith('/') };
  const rest = text.slice(at);
  if (rest.length < 10 && ['<!--', '<!doctype '].some((mark) => mark.startsWith(rest.toLowerCase())))
    return 'open';
  return end(rootBeginning, text, at) === null ? null : 'open';
}

function end(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** What is quoted or commented in it, or stands in its own brackets, may hold the mark of its end. */
function behindDocumentType(text: string, begin: number): number | null {
  const marks = /<!--|["'[\]>]/g;
  let isInside = false;
  for (let at: number | null = begin + 1; at !== null; ) {
    marks.lastIndex = at;
    const found = marks.exec(text);
    if (found === null) return null;
    const [mark] = found;
    at = marks.lastIndex;
    if (mark === '[' || mark === ']') isInside = mark === '[';
    else if (mark === '>') {
      if (!isInside) return at;
    } else at = behind(mark === '<!--' ? '-->' : mark, text, at);
  }
  return null;
}

function behind(mark: string, text: string, at: number): number | null {
  const found = text.indexOf(mark, at);
  return found < 0 ? null : found + mark.length;
}

/** Whether more of the beginning, `svgHeadBytes` at most, could tell. */
export const mayBecomeSvg = (head: Buffer): boolean => rootOf(head) === 'open';

/** The format of a file that begins with `head`, where that is an SVG; undefined where it is not, or not yet. */
export function svgFormat(head: Buffer): Format | undefined {
  const root = rootOf(head);
  if (root === null || root === 'open') return undefined;
  const encoding = encodingOf(head);
  const whole = async (body: Body) => root.isEmpty || (await endsWithRoot(body, encoding));
  return { ext: 'svg', mime: 'image/svg+xml', whole, decodes: true };
}

async function endsWithRoot(body: Body, encoding: Encoding): Promise<boolean> {
  const from = Math.max(0, body.size - tailBytes);
  let text = decoded(await body.read(from, body.size - from), encoding);
  for (;;) {
    text = text.trimEnd();
    const mark = text.endsWith('-->') ? '<!--' : text.endsWith('?>') ? '<?' : null;
    if (mark === null) {
      const isInComment = text.lastIndexOf('<!--') > text.lastIndexOf('-->');
      return !isInComment && /<\/(?:[\w.-]+:)?svg\s*>$/.test(text.slice(-200));
    }
    const begin = text.lastIndexOf(mark);
    if (begin < 0) return false;
    text = text.slice(0, begin);
  }
}

/** Of the units of CSS, in pixels. What depends on a font or on a page has none. */
const unitPixels: Readonly<Record<string, number>> = {
  ...{ '': 1, px: 1, in: 96, cm: 96 / 2.54, mm: 96 / 25.4, q: 96 / 101.6, pt: 96 / 72, pc: 16 },
};

/** As it says itself: by its width and height, or else by its view box. */
export function svgSize(head: Buffer): PixelSize | undefined {
  const root = rootOf(head);
  if (root === null || root === 'open') return undefined;
  const values = new Map(
    [...root.attributes.matchAll(/([\w:.-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
      ([, name, double, single]) => [name!, double ?? single!],
    ),
  );
  const [, , boxWidth, boxHeight] = (values.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [width, height] = [pixels(values.get('width')), pixels(values.get('height'))];
  const ratio = Number(boxWidth) / Number(boxHeight);
  const size = {
    width: Math.round(width ?? (height === undefined ? Number(boxWidth) : height * ratio)),
    height: Math.round(height ?? (width === undefined ? Number(boxHeight) : width / ratio)),
  };
  return isSide(size.width) && isSide(size.height) ? size : undefined;
}

const isSide = (pixels: number) => Number.isSafeInteger(pixels) && pixels > 0;

function pixels(length: string | undefined): number | undefined {
  const [, number, unit] = /^\s*\+?(\d*\.?\d+(?:e[+-]?\d+)?)([a-z]*)\s*$/i.exec(length ?? '') ?? [];
  const factor = unitPixels[unit?.toLowerCase() ?? '%'];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
