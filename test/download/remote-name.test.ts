import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { remoteName } from '../../src/download/remote-name.ts';

function nameOf(disposition: string | undefined, path = '/albums/p%C3%A9.jpeg'): string {
  const headers = disposition === undefined ? {} : { 'content-disposition': disposition };
  const url = new URL(path, 'http://pictures.example');
  return remoteName({ status: 200, headers, url, sentAt: 0, firstByteAt: 0 });
}

describe("the server's name for a file, without its extension, as advice", () => {
  const cases: [disposition: string | undefined, name: string][] = [
    [undefined, 'pé'],
    ['inline', 'pé'],
    ['attachment; filename="holiday.jpg"', 'holiday'],
    ['attachment; filename=holiday.jpg; size=7', 'holiday'],
    ['attachment; FileName="a \\"b\\" c.png"', 'a "b" c'],
    ['attachment; filename="plain.jpg"; filename*=UTF-8\'\'%e2%82%ac%20rates.jpg', '€ rates'],
    ["attachment; filename*=utf-8'en'x.tar.gz", 'x.tar'],
    // Untrusted as it is: what makes it safe is the target.
    ['attachment; filename="../../etc/passwd"', '../../etc/passwd'],
    ['attachment; filename="%2e%2e%2fx.jpg"', '../x'],
    ['attachment; filename="100%.jpg"', '100%'],
    ["attachment; filename*=iso-8859-1'en'%A3.jpg", 'pé'],
    ['attachment; filename=""', ''],
  ];
  for (const [disposition, name] of cases) {
    it(`${disposition} gives '${name}'`, () => assert.equal(nameOf(disposition), name));
  }

  it('is index where the address has none', () => assert.equal(nameOf(undefined, '/'), 'index'));
});
