import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Counters } from './counters.ts';
import { type ApiAnswer, type FaultAlbum, faultAlbums } from './fault-albums.ts';
import { albumShape, imageShape } from './imgur-shapes.ts';
import type { Picture } from './pictures.ts';
import type { Samples } from './samples.ts';

export interface ApiRequest {
  method: string;
  /** Without a query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Sources {
  albumId: string;
  pictures: Picture[];
  byId: Map<string, Picture>;
  samples: Samples;
  faultNames: string[];
  /** The only client id that is taken; null takes any. */
  clientId: string | null;
  /** The API's own. */
  url: () => string;
  /** Of the host that has the picture. */
  hostUrl: (picture: Picture) => string;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string | number>;
  body: string;
}

const limits = { user: 2000, client: 12_500 };

/** Imgur's API v3, as far as albums and images go, with the envelope and the errors of the original. */
export class ImgurApi {
  readonly #sources: Sources;
  readonly #counters = new Counters();
  readonly #tokens = new Set<string>();
  #used = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  answer(request: ApiRequest): WireAnswer {
    const answer = request.path === '/oauth2/token' ? this.#token(request) : this.#data(request);
    const { status, text, data, headers } = answer;
    const failed = status === 200 ? {} : { request: request.path, method: request.method };
    const plain = request.path === '/oauth2/token' && status === 200;
    const envelope = {
      data: status === 200 ? data : { ...(data as object), ...failed },
      success: status === 200,
      status,
    };
    return {
      status,
      headers: {
        'Content-Type': text?.type ?? 'application/json',
        'Cache-Control': 'no-store',
        ...this.#rateLimits(),
        ...headers,
      },
      body: text?.body ?? JSON.stringify(plain ? data : envelope),
    };
  }

  /** Counted down, but never to nothing: only the albums made for it run out. */
  #rateLimits(): Record<string, number> {
    this.#used += 1;
    return {
      'X-RateLimit-UserLimit': limits.user,
      'X-RateLimit-UserRemaining': Math.max(100, limits.user - this.#used),
      'X-RateLimit-UserReset': Math.floor(Date.now() / 1000) + 3600,
      'X-RateLimit-ClientLimit': limits.client,
      'X-RateLimit-ClientRemaining': Math.max(100, limits.client - this.#used),
    };
  }

  #token({ method, headers, body }: ApiRequest): ApiAnswer {
    const bad = (status: number, error: string): ApiAnswer => ({ status, data: { error } });
    if (method !== 'POST') return bad(405, 'Method not allowed');
    const given = formOf(headers['content-type'] ?? '', body);
    if (given.grant_type !== 'refresh_token')
      return bad(400, 'Invalid grant_type parameter or parameter missing');
    if (!given.client_id || !given.client_secret) return bad(400, 'The client credentials are invalid');
    if (!this.#known(given.client_id)) return bad(403, 'Invalid client_id');
    if (!given.refresh_token) return bad(400, 'Invalid refresh token');
    const token = randomUUID().replaceAll('-', '');
    this.#tokens.add(token);
    return {
      status: 200,
      data: {
        access_token: token,
        expires_in: 315_360_000,
        token_type: 'bearer',
        scope: null,
        refresh_token: given.refresh_token,
        account_id: 1,
        account_username: 'gallop',
      },
    };
  }

  #known = (clientId: string): boolean =>
    clientId !== '' && (this.#sources.clientId === null || clientId === this.#sources.clientId);

  /** Why the request is not allowed, or undefined. */
  #refusal(authorization: string | undefined): ApiAnswer | undefined {
    const [scheme = '', credential = ''] = (authorization ?? '').split(' ');
    if (scheme === '') return { status: 401, data: { error: 'Authentication required' } };
    if (/^client-id$/i.test(scheme) && this.#known(credential)) return undefined;
    if (/^bearer$/i.test(scheme) && this.#tokens.has(credential)) return undefined;
    const error = /^bearer$/i.test(scheme) ? 'The access token provided is invalid.' : 'Invalid client_id';
    return { status: 403, data: { error } };
  }

  #data({ method, path, headers }: ApiRequest): ApiAnswer {
    const refusal = this.#refusal(headers.authorization);
    if (refusal !== undefined) return refusal;
    if (method !== 'GET') return { status: 405, data: { error: 'Method not allowed' } };
    if (path === '/3/credits') return { status: 200, data: this.#credits() };
    const match = /^\/3\/(album|gallery\/album|gallery|image)\/(\w+)(\/images)?\/?$/.exec(path);
    const [, kind, id = '', images] = match ?? [];
    if (kind === 'image' && images === undefined) return this.#image(id);
    if (kind !== undefined && kind !== 'image') return this.#album(kind, id, images !== undefined, path);
    return { status: 404, data: { error: 'Not found' } };
  }

  #credits() {
    const limit = this.#rateLimits();
    return {
      UserLimit: limit['X-RateLimit-UserLimit'],
      UserRemaining: limit['X-RateLimit-UserRemaining'],
      UserReset: limit['X-RateLimit-UserReset'],
      ClientLimit: limit['X-RateLimit-ClientLimit'],
      ClientRemaining: limit['X-RateLimit-ClientRemaining'],
    };
  }

  #image(id: string): ApiAnswer {
    const picture = this.#sources.byId.get(id);
    if (picture === undefined)
      return { status: 404, data: { error: `Unable to find an image with the id, ${id}` } };
    return { status: 200, data: imageShape(picture, this.#sources.hostUrl(picture)) };
  }

  #album(kind: string, id: string, imagesOnly: boolean, path: string): ApiAnswer {
    const { albumId, pictures, samples, faultNames, hostUrl } = this.#sources;
    const url = this.#sources.url();
    const images = () => pictures.map((picture) => imageShape(picture, hostUrl(picture)));
    const main = (): ApiAnswer => ({
      status: 200,
      data: imagesOnly ? images() : albumShape(albumId, 'Landscapes', images(), url),
    });
    if (id === albumId || (id === 'galleryonly' && kind !== 'album')) return main();
    const [, name = '', times = ''] = /^([a-z]+)(\d*)$/.exec(id) ?? [];
    const fault = Object.hasOwn(faultAlbums, name) ? faultAlbums[name] : undefined;
    if (fault === undefined)
      return { status: 404, data: { error: `Unable to find an album with the id, ${id}` } };
    const context: FaultAlbum = {
      times: times === '' ? Number.POSITIVE_INFINITY : Number(times),
      seen: this.#counters.next(path),
      url,
      samples,
      good: main,
      images,
      faultNames,
    };
    // What the album itself kept back.
    if (name === 'partial' && imagesOnly) return main();
    const answer = fault(context);
    const found = answer.data as { images?: unknown } | undefined;
    return imagesOnly && Array.isArray(found?.images) ? { ...answer, data: found.images } : answer;
  }
}

/** The fields of a form or of JSON; Imgur takes both. */
function formOf(type: string, body: string): Record<string, string> {
  try {
    if (type.includes('json')) return { ...(JSON.parse(body) as Record<string, string>) };
  } catch {
    return {};
  }
  return Object.fromEntries(new URLSearchParams(body));
}
