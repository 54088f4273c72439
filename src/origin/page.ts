import type { Picture } from './pictures.ts';

const shown = 200;

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:70rem;margin:2rem auto;padding:0 1rem}
ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.6rem;padding:0;list-style:none}
img{width:100%;aspect-ratio:4/3;object-fit:cover;border-radius:.4rem;background:#8884}code{font-size:.95em}`;

export const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** What a browser sees. Every text in it is this origin's own. */
export function page(url: string, albumId: string, pictures: Picture[]): string {
  const items = pictures.slice(0, shown).map(({ id, ext, title }) => {
    const file = `/${id}.${ext}`;
    return `<li><a href="${file}"><img src="${file}" alt="${title}" loading="lazy"></a></li>`;
  });
  const more = pictures.length > shown ? `<p>The first ${shown} of ${pictures.length}.</p>` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Gallop's origin</title><style>${style}</style></head><body>
<h1>Gallop's origin</h1>
<p>An album like those of Imgur, with pictures that were painted a moment ago, behind an emulated network. It is on this machine only.</p>
<pre><code>CLIENT_ID=anything gallop --imgur-api ${url} imgur:${albumId}</code></pre>
<p><a href="/stats">What was asked of it so far</a></p>
<ul>${items.join('')}</ul>${more}
</body></html>
`;
}
