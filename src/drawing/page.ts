import { createHash } from 'node:crypto';
import { pageStyle } from './page-style.ts';
import { type Drawing, element, escapeText } from './svg.ts';

/** Every drawing is made for both; the page shows the one that fits. */
export const widths = { wide: 880, narrow: 344 };

export interface Page {
  /** Text. */
  title: string;
  /** Markup, inside `main`. */
  body: string;
  /** Rules of its own, beside those of every page. */
  style?: string;
  /** Whether it holds pictures, as `data:` addresses. */
  hasPictures?: boolean;
  /** What made it, for programs. */
  generator?: string;
}

/**
 * A whole HTML page: no script, nothing from outside (its own policy forbids both), light and dark, wide and narrow.
 * Byte-stable.
 */
export function htmlPage({ title, body, style: own = '', hasPictures = false, generator }: Page): string {
  const style = pageStyle() + own;
  const digest = createHash('sha256').update(style).digest('base64');
  const pictures = hasPictures ? 'img-src data:; ' : '';
  const policy = `default-src 'none'; ${pictures}style-src 'sha256-${digest}'`;
  const made = generator === undefined ? '' : `<meta name="generator" content="${escapeText(generator)}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${made}<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** Text that does not break between a number and its unit. */
export const prose = (text: string): string =>
  escapeText(text.replace(/(\d) (?=(?:ms|s|min|h|B|[kMGT]B)\b|%)/g, '$1\u00a0'));

/** One drawing in both widths. */
export function figure(title: string, draw: (width: number) => Drawing): string {
  const svg = (name: keyof typeof widths) => {
    const { content, height } = draw(widths[name]);
    const box = {
      viewBox: `0 0 ${widths[name]} ${Math.ceil(height)}`,
      class: name,
      role: 'img',
      'aria-label': title,
    };
    return element('svg', box, content);
  };
  return `<figure>\n${svg('wide')}\n${svg('narrow')}\n</figure>`;
}
