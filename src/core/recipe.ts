import type { AddressRange, Expectation, Item } from './item.ts';
import { expectationOf } from './item-note.ts';
import { printableUrl } from './printable-url.ts';

/** What it takes, beside key and address, to fetch an item again as its source had it fetched. Holds no secret. */
export interface Recipe {
  reach: AddressRange[];
  expect?: Expectation;
  mirrors?: string[];
  /** Its address had a user or a password, which are kept nowhere. */
  hadUser?: true;
}

/** As a short text; null where there is nothing to say: public addresses only, and nothing promised. */
export function recipeText({ url, mirrors, expect, reach }: Item): string | null {
  const promises = expect !== undefined && Object.keys(expect).length > 0 ? expect : undefined;
  const places = mirrors?.map(printableUrl);
  // Most addresses need no parsing for it.
  const hadUser = (url.includes('@') && printableUrl(url) !== url) || undefined;
  if (reach.length === 0 && promises === undefined && places === undefined && !hadUser) return null;
  return JSON.stringify({ reach, expect: promises, mirrors: places, hadUser });
}

const ranges: readonly unknown[] = ['loopback', 'private', 'local'] satisfies AddressRange[];

/** Of a text that may have come from elsewhere: what makes no sense is left out, and nothing is reached for its sake. */
export function readRecipe(text: string | null): Recipe {
  let found: unknown;
  try {
    found = JSON.parse(text ?? '{}');
  } catch {
    found = {};
  }
  const { reach, expect, mirrors, hadUser } = Object(found) as Record<string, unknown>;
  const promises = expectationOf(expect);
  const places = Array.isArray(mirrors) ? mirrors.filter((it) => typeof it === 'string') : [];
  return {
    reach: Array.isArray(reach) ? reach.filter((it): it is AddressRange => ranges.includes(it)) : [],
    ...(promises === null ? {} : { expect: promises }),
    ...(places.length === 0 ? {} : { mirrors: places }),
    ...(hadUser === true ? { hadUser } : {}),
  };
}
