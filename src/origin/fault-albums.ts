import { albumShape } from './imgur-shapes.ts';
import type { Samples } from './samples.ts';

/** An answer of the API: JSON data in the envelope, or a text in its place. */
export interface ApiAnswer {
  status: number;
  headers?: Record<string, string | number>;
  /** Success where `status` is 200. */
  data?: unknown;
  text?: { type: string; body: string };
}

export interface FaultAlbum {
  /** The number at the end of the id; infinite where there is none. */
  times: number;
  /** Earlier requests for the same path. */
  seen: number;
  url: string;
  samples: Samples;
  /** The main album's answer, for what goes well in the end. */
  good(): ApiAnswer;
  /** The main album's images. */
  images(): Record<string, unknown>[];
  faultNames: string[];
}

const overCapacity = 'Imgur is temporarily over capacity. Please try again later.';

const html = (body: string): ApiAnswer['text'] => ({
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><html><head><title>Imgur</title></head><body><h1>${body}</h1></body></html>`,
});

const noneLeft = { 'X-RateLimit-UserRemaining': 0, 'X-RateLimit-ClientRemaining': 0 };

/** An image whose bytes are elsewhere on this origin. */
function sampleImage(id: string, path: string, { url, samples }: FaultAlbum, size = samples.jpeg.length) {
  return {
    id,
    title: id,
    description: null,
    datetime: 1_400_000_000,
    type: 'image/jpeg',
    animated: false,
    width: samples.width,
    height: samples.height,
    size,
    link: `${url}${path}`,
  };
}

const untilGood =
  (bad: () => ApiAnswer) =>
  (album: FaultAlbum): ApiAnswer =>
    album.seen < album.times ? bad() : album.good();

const album = (
  id: string,
  fault: FaultAlbum,
  images: Record<string, unknown>[],
  count?: number,
): ApiAnswer => ({
  status: 200,
  data: albumShape(id, `An album: ${id}`, images, fault.url, count),
});

/**
 * Albums that behave badly, by their id. Those that take a number (`overcap3`) do so that many times and
 * are the main album after that.
 */
export const faultAlbums: Record<string, (fault: FaultAlbum) => ApiAnswer> = {
  missing: () => ({ status: 404, data: { error: 'Unable to find an album with the id, missing' } }),
  refused: () => ({ status: 403, data: { error: 'You are not authorized to view this album.' } }),
  overcap: untilGood(() => ({ status: 403, data: { error: overCapacity } })),
  busy: untilGood(() => ({
    status: 429,
    data: { error: { code: 1040, message: overCapacity, type: 'ImgurException', exception: [] } },
  })),
  htmlbusy: untilGood(() => ({ status: 200, text: html('Imgur is over capacity!') })),
  ratelimit: untilGood(() => ({
    status: 429,
    headers: { 'Retry-After': 1 },
    data: { error: { code: 429, message: 'Too many requests.', type: 'Exception', exception: {} } },
  })),
  broken: untilGood(() => ({ status: 500, data: { error: 'Internal server error.' } })),
  html: () => ({ status: 200, text: html('imgur: the magic of the Internet') }),
  cut: () => ({
    status: 200,
    text: { type: 'application/json', body: '{"data":{"id":"cut","images":[{"id":' },
  }),
  nocredits: ({ good }) => ({ ...good(), headers: noneLeft }),
  outofcredits: () => ({
    status: 403,
    headers: noneLeft,
    data: { error: 'You have exceeded the number of credits for this application.' },
  }),
  empty: (fault) => album('empty', fault, []),
  partial: (fault) => album('partial', fault, fault.images().slice(0, 10), fault.images().length),
  removed: (fault) =>
    album('removed', fault, [
      sampleImage('stillthere', '/fault/ok/stillthere.jpg', fault),
      sampleImage('gone', '/fault/removed/gone.jpg', fault),
    ]),
  blocked: (fault) =>
    album('blocked', fault, [sampleImage('blocked1', '/fault/ok/blocked1.jpg', fault, 123_456)]),
  everyfault: (fault) =>
    album(
      'everyfault',
      fault,
      fault.faultNames.map((name, i) => sampleImage(`fault${i}`, `/fault/${name}/fault${i}.jpg`, fault)),
    ),
};
