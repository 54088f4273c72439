import { stripVTControlCharacters } from 'node:util';

/**
 * Text from outside as one line that is safe on a terminal: no control characters (so no escape
 * sequences), no direction marks or other invisible formatting, no line breaks. Joiners within emoji stay.
 */
export function safeText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\r\n\u2028\u2029]+/g, ' ')
    .replace(/\p{Cc}|(?!\u200d)\p{Cf}/gu, '')
    .toWellFormed();
}

/** Characters of an address on a line that people read. */
const longestUrl = 300;

/** A URL to show: safe text, without the user name and password that it may hold, its middle left out where it is long. */
export function shownUrl(url: string): string {
  const shown = safeText(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
  if (shown.length <= longestUrl) return shown;
  return `${shown.slice(0, longestUrl - 100)}…${shown.slice(-99)}`.toWellFormed();
}
