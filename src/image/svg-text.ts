/** In so many bytes the library looks for the mark, of which these have to be ASCII. */
const markBytes = 1000;
const plainBytes = 24;
const mark = Buffer.from('<!-- what follows is an <svg -->');
const declaration = /^<\?xml\s[^>]*\?>/;

/**
 * An SVG as the library knows one: it takes no byte order mark and no UTF-16 for it, and gives up where a long comment or
 * a document type stands before the drawing.
 */
export function svgText(bytes: Buffer): Buffer {
  const text = inUtf8(bytes);
  const head = text.toString('latin1', 0, markBytes);
  if (/<svg/i.test(head) && !/[^\t-\x7f]/.test(head.slice(0, plainBytes))) return text;
  // Nothing may stand before the declaration.
  const at = declaration.exec(head)?.[0].length ?? 0;
  return Buffer.concat([text.subarray(0, at), mark, text.subarray(at)]);
}

function inUtf8(bytes: Buffer): Buffer {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return bytes.subarray(3);
  const isLittle = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c);
  if (!isLittle && !isBig) return bytes;
  const even = bytes.subarray(0, bytes.length & ~1);
  const text = (isLittle ? even : Buffer.from(even).swap16()).toString('utf16le');
  // Its declaration names an encoding that it does not have any more.
  return Buffer.from(text.replace(/^\ufeff/, '').replace(declaration, ''));
}
