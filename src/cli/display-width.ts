let segmenter: Intl.Segmenter | undefined;
/** East Asian wide and full-width characters, and what is drawn as an emoji: two columns (UAX #11, UTS #51). */
const wide =
  /\ufe0f|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const invisible = /^[\p{M}\p{Cf}]*$/u;
const plain = /^[\x20-\x7e]*$/;

/** Its tables take ten milliseconds to load, and most names are plain. */
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter;
}

function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

/** Columns that `text`, without escape sequences, takes on a terminal. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes().segment(text)) width += graphemeWidth(segment);
  return width;
}

/** `text` cut to `columns`, with `ellipsis` where something is missing: at its start (names end in what tells) or end. */
export function clip(text: string, columns: number, where: 'start' | 'end', ellipsis = '…'): string {
  if (displayWidth(text) <= columns) return text;
  const room = columns - displayWidth(ellipsis);
  if (room < 1) return '';
  const all = Array.from(graphemes().segment(text), ({ segment }) => segment);
  if (where === 'start') all.reverse();
  const kept: string[] = [];
  let width = 0;
  for (const grapheme of all) {
    width += graphemeWidth(grapheme);
    if (width > room) break;
    kept.push(grapheme);
  }
  return where === 'start' ? ellipsis + kept.reverse().join('') : kept.join('') + ellipsis;
}

/** `text` filled with spaces to `columns`. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** `text` as lines of at most `columns`, broken between words; a longer word has a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
