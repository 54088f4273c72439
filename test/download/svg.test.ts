import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayBecomeSvg, svgFormat, svgSize } from '../../src/download/svg.ts';

const root = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">';
const drawing = `${root}<rect width="40" height="20"/></svg>`;
const utf16 = (text: string, isLittle = true) => {
  const bytes = Buffer.from(text, 'utf16le');
  return isLittle ? bytes : bytes.swap16();
};

const bodyOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
});
const isWhole = async (bytes: Buffer) => await svgFormat(bytes)!.whole!(bodyOf(bytes));

const before: Record<string, string> = {
  nothing: '',
  whitespace: '\n\t ',
  'a declaration': '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n',
  'comments with marks of the end': '<!-- Generator: <svg> > --><!---->',
  'a document type': '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">',
  'a document type with entities': `<!doctype svg [ <!-- ]> ' --> <!ENTITY a "]>"> <!ENTITY b 'x>"'> ]>\n`,
  'a style sheet': '<?xml-stylesheet href="a.css"?>',
  'all of them': '<?xml version="1.0"?>\n<!-- a --><!DOCTYPE svg [<!ENTITY a "b">]><!-- b -->\n<?x y?> ',
};

describe('a drawing is known', () => {
  for (const [what, prolog] of Object.entries(before)) {
    it(`behind ${what}, in each encoding, and at every cut before it may still be one`, async () => {
      const text = prolog + drawing;
      for (const bytes of [
        Buffer.from(text),
        Buffer.from(`\ufeff${text}`),
        utf16(`\ufeff${text}`),
        utf16(`\ufeff${text}`, false),
      ]) {
        assert.deepEqual([svgFormat(bytes)?.ext, svgFormat(bytes)?.mime], ['svg', 'image/svg+xml']);
        assert.deepEqual(svgSize(bytes), { width: 40, height: 20 });
        assert.equal(await isWhole(bytes), true);
        assert.equal(mayBecomeSvg(bytes), false);
      }
      const untilRoot = Buffer.from(prolog + root).length;
      for (let cut = 0; cut < untilRoot; cut += 1) {
        const part = Buffer.from(text).subarray(0, cut);
        assert.equal(mayBecomeSvg(part), true, part.toString());
        assert.equal(svgFormat(part), undefined);
      }
    });
  }

  it('with a prefix, and when there is nothing in it', async () => {
    for (const text of ['<s:svg xmlns:s="http://www.w3.org/2000/svg"></s:svg>', '<svg/>', '<svg a=">"/>\n']) {
      assert.equal(await isWhole(Buffer.from(text)), true, text);
    }
  });
});

it('what is something else is not, and more of it would not tell', () => {
  for (const text of [
    '<!doctype html><html><svg></svg>',
    '<html><svg/></html>',
    '<?xml version="1.0"?><rss></rss>',
    '<svgz>',
    'svg',
    '{"svg": "<svg>"}',
    'text <svg></svg>',
    '<!ELEMENT svg>',
    '\0<svg></svg>',
  ]) {
    const bytes = Buffer.from(text);
    assert.deepEqual([svgFormat(bytes), mayBecomeSvg(bytes)], [undefined, false], text);
  }
});

it('a drawing that was cut short is not whole, wherever; what stands behind its end is', async () => {
  const text = `${root}<g><path d="M0 0"/></g><!-- </svg> --></svg>`;
  for (let cut = root.length; cut < text.length; cut += 1) {
    for (const bytes of [Buffer.from(text.slice(0, cut)), utf16(`\ufeff${text.slice(0, cut)}`)]) {
      assert.equal(await isWhole(bytes), false, text.slice(0, cut));
    }
  }
  for (const behind of ['\r\n', '<!-- </g> -->\n<?x y?>\n', `<!--${'-'.repeat(50_000)}-->`]) {
    assert.equal(await isWhole(Buffer.from(text + behind)), true);
  }
});

it('its size is the one that it says, in pixels', () => {
  for (const [attributes, width, height] of [
    ['width="40" height=\'20px\'', 40, 20],
    ['width="1in" height="25.4mm"', 96, 96],
    ['width = "3.2e1" height="2cm"', 32, 76],
    ['width="100%" height="100%" viewBox="0 0 30 60"', 30, 60],
    ['width="90" viewBox="0,0,30,60"', 90, 180],
    ['height="90" viewBox=" 0 0  30 60 "', 45, 90],
    ['viewBox="0 0 30.4 60.6"', 30, 61],
  ] as const) {
    assert.deepEqual(svgSize(Buffer.from(`<svg ${attributes}>`)), { width, height }, attributes);
  }
  for (const attributes of [
    '',
    'width="40"',
    'width="-4" height="9"',
    'width="1em" height="2em"',
    'viewBox="a"',
  ]) {
    assert.equal(svgSize(Buffer.from(`<svg ${attributes}>`)), undefined, attributes);
  }
});

it('a text that is made to be slow to read is not', async () => {
  const many = (text: string) => text.repeat(Math.ceil(200_000 / text.length));
  const begunAt = process.cpuUsage().user;
  for (const text of [
    many('<!DOCTYPE x ['),
    `<!DOCTYPE svg [${many('<!---->')}`,
    `<!DOCTYPE svg [${many('<!--"')}`,
    `<svg ${many("a='")}`,
    `<svg ${many('a')}`,
    `<svg ${many('a=" ')}`,
    `<svg>${many('<!---->')}`,
    `<svg>${many('-->')}`,
    `<svg ${'a'.repeat(16_000)}>`,
    `<svg ${' '.repeat(16_000)}>`,
  ]) {
    const bytes = Buffer.from(text);
    mayBecomeSvg(bytes);
    svgSize(bytes);
    await svgFormat(bytes)?.whole?.(bodyOf(bytes));
  }
  // It takes 20 ms; one that begins again at every letter takes minutes.
  assert.ok(process.cpuUsage().user - begunAt < 20e6);
});
