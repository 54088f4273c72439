import sharp, { type SharpOptions } from 'sharp';

// One picture is looked at at a time, and once: there is nothing to keep and nothing to share.
sharp.cache(false);
sharp.concurrency(1);
// What the bytes are is known before they come here: no other reader of the library gets to see them.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Nsgif', 'Webp', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}`),
});

/** The reader of SVG is there for those pictures alone that are said to be one. */
export function allowSvg(isAllowed: boolean): void {
  const operation = ['VipsForeignLoadSvg'];
  if (isAllowed) sharp.unblock({ operation });
  else sharp.block({ operation });
}

/** `warning`: for the reader of JPEG broken data is no more than that. Pixels are counted by those who read. */
export const readOptions: SharpOptions = { failOn: 'warning', limitInputPixels: false };

/** The first line of what the library says, without the names of its own parts. */
export function reasonOf({ message }: Error): string {
  const [first = ''] = message.replace(/^Input buffer has corrupt header: /, '').split('\n');
  const said = first.replace(/^[\w ]+: /, '').trim();
  // The library's words for a message that got lost.
  return said === '' || /^(Unknown error|Warning treated as)/.test(said) ? 'broken data' : said.slice(0, 200);
}

export { sharp };
