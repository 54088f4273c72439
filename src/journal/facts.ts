import { type Outcome, type Skip, type SkipCode, skipCodes } from '../core/outcome.ts';
import type { Original, PictureFacts } from '../core/stage.ts';

/** What a row of the journal holds of an outcome beside its file and its code. */
export interface Facts {
  /** Why it was left out. */
  skip?: Skip;
  /** What the image stage found. */
  picture?: PictureFacts;
  /** What was said of its failure. */
  error?: string;
}

/** So much of a message is kept. */
const longestMessage = 300;

/** As JSON; null where there is nothing to say, as of most. */
export function factsText({
  skip,
  picture,
  error,
}: Pick<Outcome, 'skip' | 'picture' | 'error'>): string | null {
  if (skip === undefined && picture === undefined && error === undefined) return null;
  return JSON.stringify({ skip, picture, error: error?.message.slice(0, longestMessage).toWellFormed() });
}

/** Of a text that no run may have written: what makes no sense is left out. */
export function readFacts(text: unknown): Facts {
  if (typeof text !== 'string') return {};
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return {};
  }
  const { skip, picture, error } = fieldsOf(found);
  const [readable, facts] = [readSkip(fieldsOf(skip)), readPicture(fieldsOf(picture))];
  return {
    ...(readable === null ? {} : { skip: readable }),
    ...(facts === null ? {} : { picture: facts }),
    ...(typeof error === 'string' ? { error } : {}),
  };
}

const fieldsOf = (value: unknown): Record<string, unknown> => Object(value) as Record<string, unknown>;

function readSkip({ code, message, duplicateOf }: Record<string, unknown>): Skip | null {
  if (!skipCodes.includes(code as SkipCode) || typeof message !== 'string') return null;
  const of = typeof duplicateOf === 'string' ? { duplicateOf } : {};
  return { code: code as SkipCode, message, ...of };
}

function readPicture(found: Record<string, unknown>): PictureFacts | null {
  const { original, unread, exif, phash, blurhash } = found;
  const { bytes, sha256, mime, width, height, sha1, md5 } = fieldsOf(original);
  if (!isCount(bytes) || typeof sha256 !== 'string' || typeof mime !== 'string') return null;
  const side = (value: unknown) => (isCount(value) ? value : null);
  const digests = {
    ...(typeof sha1 === 'string' ? { sha1 } : {}),
    ...(typeof md5 === 'string' ? { md5 } : {}),
  };
  const first: Original = { bytes, sha256, ...digests, mime, width: side(width), height: side(height) };
  return {
    original: first,
    ...(unread === true ? { unread } : {}),
    ...(typeof exif === 'object' && exif !== null ? { exif: exif as NonNullable<PictureFacts['exif']> } : {}),
    ...(typeof phash === 'string' ? { phash } : {}),
    ...(typeof blurhash === 'string' ? { blurhash } : {}),
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
