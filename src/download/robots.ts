/** What asks that a picture be left out of data sets: the words that img2dataset heeds. */
const unwanted: ReadonlySet<string> = new Set(['noai', 'noimageai', 'noindex', 'noimageindex', 'none']);

/** Whom else a line of the header may be for: `googlebot: noindex`. */
const agentLine = /^\s*([\w.-]+)\s*:(.*)$/s;
/** A directive that has a colon of its own. */
const withValue = /^(unavailable_after|max-snippet|max-image-preview|max-video-preview)$/i;

/**
 * The first directive of `X-Robots-Tag` that asks to be left out, in lower case; null where none does. Every line of the
 * header is for everybody, or for the one whose name stands before its colon: for us, that is `gallop`.
 * https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#xrobotstag
 */
export function robotsDirective(lines: readonly string[]): string | null {
  for (const line of lines) {
    const [, agent = '', rest = ''] = agentLine.exec(line) ?? [];
    const isForOne = agent !== '' && !withValue.test(agent);
    if (isForOne && agent.toLowerCase() !== 'gallop') continue;
    const words = (isForOne ? rest : line).split(',').map((word) => word.trim().toLowerCase());
    const found = words.find((word) => unwanted.has(word));
    if (found !== undefined) return found;
  }
  return null;
}
