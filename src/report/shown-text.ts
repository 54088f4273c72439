import { printableUrl } from '../core/printable-url.ts';

const longest = 240;

/** An address, or a key, as a report that is shown around may have it: neither user nor query, which can hold secrets. */
export function shownAddress(address: string): string {
  return shortened(printableUrl(address).replace(/[?#].*$/s, (rest) => `${rest[0]}…`));
}

/** A message, the same of the addresses in it. */
export function shownMessage(message: string): string {
  return shortened(
    message.replace(/(:\/\/[^\s?#]*[?#])[^\s'"]*/g, '$1…').replace(/:\/\/[^\s/?#@]*@/g, '://'),
  );
}

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 80)}…${text.slice(-79)}`;
}
