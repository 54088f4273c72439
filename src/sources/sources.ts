import { UsageError } from '../core/errors.ts';
import { shortUrl } from '../core/printable-url.ts';
import { demo } from './demo.ts';
import { direct, readUrl } from './direct.ts';
import { imgur } from './imgur.ts';
import type { Source } from './source.ts';

/** Every source by its name. The first that matches takes the input: the particular before the general. */
export const sources: Readonly<Record<string, Source>> = Object.freeze({ imgur, demo, direct });

export function findSource(input: string): Source | undefined {
  return Object.values(sources).find((source) => source.matches(input));
}

/** Throws a UsageError that says what would be accepted. */
export function sourceFor(input: string): Source {
  const source = findSource(input);
  if (source !== undefined) return source;
  const accepted = 'sources are addresses (https://...), imgur:ID, demo:, or a list with -i FILE';
  if (/^([./~]|[A-Za-z]:\\)|\.(txt|lst|list|csv|tsv|jsonl?|gz)$/i.test(input)) {
    throw new UsageError(`'${shortUrl(input)}' is not a source`, {
      hint: `for a list of addresses, write -i ${shortUrl(input)}; ${accepted}`,
    });
  }
  const problem = readUrl(input);
  const text = typeof problem === 'string' ? problem : 'not a source';
  throw new UsageError(`'${shortUrl(input)}' is ${text}`, { hint: accepted });
}
