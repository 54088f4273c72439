import filenamify from 'filenamify';

/**
 * Bytes for the stem of one path segment. Common file systems allow 255 a segment; the rest is for an
 * extension, the suffix that tells equal names apart, and the ending of a file that is not whole yet.
 */
export const stemBytes = 200;

/** Work per name is bounded by this many UTF-16 units; what is behind them could never be seen. */
const longest = 4096;

/** Safe as it is, as nearly all names are: the rest would cost some thirty times as much as this test. */
const plain = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;

/** A path that consists of at most five such segments, all short enough for any place in it. */
const plainPath =
  /^(?=.{1,195}$)(?:(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\/))[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\/){0,4}(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;

/** Whether `safeSegment` has nothing to change in any segment of it, at first sight. */
export const isPlainPath = (path: string): boolean => plainPath.test(path);

const reserved = /[/\\:*?"<>|]/;
const outerDotsAndSpaces = /^[. ]+|[. ]+$/g;
let graphemes: Intl.Segmenter | undefined;

/**
 * Any text as one path segment that is the same on every file system: no separators, control, bidi or
 * zero-width characters, no outer dots or spaces, no reserved name of Windows, in Unicode's composed form
 * (NFC), of at most `maxBytes` (8 or more) UTF-8 bytes that end with a whole character, and never empty.
 * Total, and idempotent: a safe segment comes back as it is.
 */
export function safeSegment(text: string, maxBytes = stemBytes): string {
  if (plain.test(text) && text.length <= maxBytes) return text;
  // A cut can bring forth a trailing dot or a reserved name, hence the second pass. What that adds to a
  // reserved name may be a byte too many; the name is not reserved any more.
  const name = clean(cutBytes(clean(text.slice(0, longest)), maxBytes));
  return (Buffer.byteLength(name) <= maxBytes ? name : clean(cutBytes(name, maxBytes))) || 'unnamed';
}

function clean(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC')
    .replace(/[^\p{ASCII}]/gu, withoutDisguise)
    .replace(outerDotsAndSpaces, '');
  if (visible === '') return '';
  return filenamify(visible, { replacement: '_', maxLength: longest * 4 }).replace(outerDotsAndSpaces, '');
}

/** Full-width slashes, dots and the like become what compatibility normalisation (NFKC) would make of them. */
function withoutDisguise(character: string): string {
  const plainForm = character.normalize('NFKC');
  if (plainForm === character) return character;
  if (reserved.test(plainForm)) return '_';
  return /^[. ]+$/.test(plainForm) ? plainForm : character;
}

/** The longest beginning of at most `maxBytes` UTF-8 bytes that does not split what a reader sees as one character. */
export function cutBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let result = takeBytes(graphemes.segment(text), maxBytes);
  // One letter under a thousand accents is a single grapheme, too.
  if (result === '')
    result = takeBytes(
      [...text].map((segment) => ({ segment })),
      maxBytes,
    );
  return result;
}

function takeBytes(pieces: Iterable<{ segment: string }>, maxBytes: number): string {
  let result = '';
  let left = maxBytes;
  for (const { segment } of pieces) {
    left -= Buffer.byteLength(segment);
    if (left < 0) break;
    result += segment;
  }
  return result;
}
