import type { Json } from '../core/item.ts';

/**
 * The shapes of Imgur's API, version 3, in one place. What is unknown is ignored and what is missing
 * tolerated, so that a field more or less over there breaks nothing here.
 * @see https://apidocs.imgur.com
 */

export type Shape = Record<string, unknown>;

/** An answer's meaning: its data, or the status and words of a refusal; `not-json` for a page for people. */
export type Envelope =
  | { kind: 'data'; data: unknown }
  | { kind: 'error'; status: number; text: string }
  | { kind: 'not-json'; status: number };

export interface ImgurImage {
  id: string | undefined;
  title: string | undefined;
  /** MIME. */
  type: string | undefined;
  width: number | undefined;
  height: number | undefined;
  /** Of the file behind `link`. */
  bytes: number | undefined;
  link: string | undefined;
  mp4: string | undefined;
  /** 0: not ready yet. */
  mp4Bytes: number | undefined;
  raw: Record<string, Json>;
}

export interface ImgurAlbum {
  id: string | undefined;
  title: string | undefined;
  /** How many it says it has; `images` may hold only the first few. */
  count: number | undefined;
  images: ImgurImage[];
}

const isShape = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Well-formed: half a character in an id would make it another once it is stored. */
const text = (value: unknown) =>
  typeof value === 'string' && value !== '' ? value.toWellFormed() : undefined;
const count = (value: unknown) => {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
};
const positive = (value: unknown) => count(value) || undefined;

/** `{data, success, status}`; an error's `data.error` is a text or `{code, message, type}`. */
export function readEnvelope(status: number, body: string): Envelope {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return { kind: 'not-json', status };
  }
  if (!isShape(answer)) return { kind: 'not-json', status };
  const failed = status >= 400 || answer.success === false;
  if (!failed) return 'data' in answer ? { kind: 'data', data: answer.data } : { kind: 'not-json', status };
  const inner = count(answer.status);
  const shown = status >= 400 || inner === undefined ? status : inner;
  return { kind: 'error', status: shown, text: errorText(answer) };
}

function errorText(answer: Shape): string {
  const error = isShape(answer.data) ? answer.data.error : answer.data;
  const words = isShape(error) ? error.message : error;
  return text(words) ?? text(answer.error) ?? '';
}

/** Undefined where `data` is no image. */
export function readImage(data: unknown): ImgurImage | undefined {
  if (!isShape(data)) return undefined;
  // With an account's token, the API hands out what it takes to delete the image.
  const { deletehash: _, ...raw } = data;
  return {
    id: text(data.id) ?? /\/(\w+)\.\w+$/.exec(text(data.link) ?? '')?.[1],
    title: text(data.title),
    type: text(data.type),
    width: positive(data.width),
    height: positive(data.height),
    bytes: positive(data.size),
    link: text(data.link),
    mp4: text(data.mp4),
    mp4Bytes: count(data.mp4_size),
    raw: raw as Record<string, Json>,
  };
}

export function readImages(data: unknown): ImgurImage[] | undefined {
  if (!Array.isArray(data)) return undefined;
  return data.map(readImage).filter((image) => image !== undefined);
}

/** Undefined where `data` is no album: a gallery post may be a single image. */
export function readAlbum(data: unknown): ImgurAlbum | undefined {
  if (!isShape(data)) return undefined;
  const images = readImages(data.images);
  if (images === undefined && data.is_album !== true && count(data.images_count) === undefined)
    return undefined;
  return {
    id: text(data.id),
    title: text(data.title),
    count: count(data.images_count),
    images: images ?? [],
  };
}
