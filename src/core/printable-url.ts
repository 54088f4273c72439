/** An address without `user:password@`, fit to be shown and stored; also where it is not quite an address. */
export function printableUrl(address: string): string {
  // Nearly all have no user, and need no parsing to say so.
  if (!/[@\t\r\n]/.test(address)) return address;
  const url = URL.parse(address);
  // `user:password@host` alone is an address with the scheme `user:`.
  if (url === null || url.host === '') return withoutUsers(address);
  if (url.username === '' && url.password === '') return address;
  url.username = url.password = '';
  return url.href;
}

/** What a message says of a text that is not the address that it should be. */
export function shortUrl(text: string): string {
  return short(withoutUsers(printableUrl(text)));
}

const longestShown = 300;

const short = (text: string): string =>
  text.length <= longestShown ? text : `${text.slice(0, longestShown).toWellFormed()}…`;

/**
 * An option's value, as the message that refuses it repeats it. It may be meant as an address with a password, and
 * be wrong just there: nothing before its last @ is shown.
 */
export function quoted(value: string): string {
  const at = value.lastIndexOf('@');
  return `'${short(at === -1 ? value : `…${value.slice(at)}`)}'`;
}

/** Of a text with an address anywhere in it: what stands before an @ where a host may begin, or after a colon. */
export function withoutUsers(text: string): string {
  // Readers of addresses pass over line breaks and TABs.
  const line = text.replace(/[\t\r\n]/g, '');
  // In what was kept so far: a host may begin after two, and at the start of the text.
  let slashes = line.startsWith('/') ? 0 : 2;
  const kept = line.split(/([/?#])/).map((piece) => {
    if (piece === '/') slashes += 1;
    else if (piece === '?' || piece === '#') slashes = 0;
    if (/^[/?#]?$/.test(piece)) return piece;
    const end = piece.lastIndexOf('@');
    const isUser = slashes >= 2 || piece.lastIndexOf(':', end) !== -1;
    const rest = end !== -1 && isUser ? piece.slice(end + 1) : piece;
    if (rest !== '') slashes = 0;
    return rest;
  });
  return kept.join('');
}
