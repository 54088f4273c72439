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

/** A URL to show: safe text, without the user name and password that it may hold. */
export function shownUrl(url: string): string {
  return safeText(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}
