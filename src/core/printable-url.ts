/** An address without `user:password@`, fit to be shown and stored; also where it is not quite an address. */
export function printableUrl(address: string): string {
  const url = URL.parse(address);
  // `user:password@host` alone is an address with the scheme `user:`.
  if (url === null || url.host === '')
    return address.replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/)?[^/?#]*@/i, '$1');
  if (url.username === '' && url.password === '') return address;
  url.username = url.password = '';
  return url.href;
}
