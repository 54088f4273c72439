import { ListingError } from '../core/errors.ts';
import type { AddressRange, Album, Item } from '../core/item.ts';
import { ImgurApi, type Patience } from './imgur-api.ts';
import { imgurCredentials } from './imgur-credentials.ts';
import { imgurItem } from './imgur-item.ts';
import { type ImgurAlbum, type ImgurImage, readAlbum, readImage, readImages } from './imgur-shapes.ts';
import type { ImgurKind, ImgurLink } from './imgur-url.ts';
import type { SourceContext } from './source.ts';

/** Where a kind of link is looked for, in turn; `path/ID`. A page of the site says little about what it shows. */
const places: Record<Exclude<ImgurKind, 'user'>, string[]> = {
  album: ['album'],
  gallery: ['gallery/album', 'gallery', 'album', 'image'],
  image: ['image', 'album'],
  any: ['album', 'gallery', 'image'],
};

/** The items of an album, a gallery post, an image or an account, as the API tells of them. */
export function listLink(link: ImgurLink, context: SourceContext): AsyncIterable<Item> {
  return new Listing(apiOf(context), context).items(link);
}

/** One client for each run and host, so that its token and its limits are known to all listings. */
const clients = new WeakMap<SourceContext['http'], Map<string, ImgurApi>>();

function apiOf({ http, spec, environment }: SourceContext): ImgurApi {
  const ofRun = clients.get(http) ?? new Map<string, ImgurApi>();
  clients.set(http, ofRun);
  const base = spec.imgurApi;
  const api = ofRun.get(base) ?? new ImgurApi({ http, base, credentials: imgurCredentials(environment) });
  ofRun.set(base, api);
  return api;
}

/** One source being read. */
class Listing {
  readonly #api: ImgurApi;
  readonly #context: SourceContext;
  readonly #patience: Patience;
  readonly #seen = new Set<string>();
  #index = 0;

  constructor(api: ImgurApi, context: SourceContext) {
    this.#api = api;
    this.#context = context;
    let told = false;
    this.#patience = {
      leftMs: context.spec.patienceMs,
      note: (message) => {
        if (!told) context.note('info', message);
        told = true;
      },
    };
  }

  async *items(link: ImgurLink): AsyncGenerator<Item> {
    if (link.kind === 'user') {
      yield* this.#posts(link.id);
      return;
    }
    const { data, range } = await this.#first(places[link.kind].map((place) => `${place}/${link.id}`));
    const album = readAlbum(data);
    if (album !== undefined) {
      const images = await this.#allImages(album, link.id);
      if (images.length === 0) this.#context.note('info', `the album ${link.id} is empty`);
      this.#context.expectTotal(new Set(images.map(({ id }) => id)).size);
      yield* this.#itemsOf(images, range, albumOf(album, link.id));
      return;
    }
    const image = readImage(data);
    if (image?.id === undefined && image?.link === undefined) throw notAnAnswer(link.id);
    this.#context.expectTotal(1);
    yield* this.#itemsOf([{ ...image, id: image.id ?? link.id }], range, undefined);
  }

  /** The first of the paths that exists. */
  async #first(paths: string[]) {
    let missing: unknown;
    for (const path of paths) {
      try {
        return await this.#api.get(path, this.#patience);
      } catch (error) {
        if (!(error instanceof ListingError) || error.code !== 'not-found') throw error;
        missing ??= error;
      }
    }
    throw missing;
  }

  /** All pages of what a user posted: single images, and albums of which only the first images are told. */
  async *#posts(user: string): AsyncGenerator<Item> {
    const posts = new Set<string>();
    for (let page = 0; ; page += 1) {
      const { data, range } = await this.#api.get(`account/${user}/submissions/${page}`, this.#patience);
      if (!Array.isArray(data)) throw notAnAnswer(user);
      let news = 0;
      for (const post of data) {
        const album = readAlbum(post);
        const image = album === undefined ? readImage(post) : undefined;
        const id = album?.id ?? image?.id;
        if (id === undefined || posts.has(id)) continue;
        posts.add(id);
        news += 1;
        const images = album === undefined ? [image!] : await this.#allImages(album, id);
        yield* this.#itemsOf(images, range, album && albumOf(album, id));
      }
      // A server that ignores the page's number would never come to an end.
      if (news === 0) return;
    }
  }

  async #allImages(album: ImgurAlbum, id: string): Promise<ImgurImage[]> {
    if (album.images.length >= (album.count ?? 1)) return album.images;
    const { data } = await this.#api.get(`album/${id}/images`, this.#patience);
    // The answer is a list; some answers are an album that holds one.
    const images = readImages(data) ?? readAlbum(data)?.images;
    if (images === undefined) throw notAnAnswer(id);
    if (images.length < (album.count ?? 0)) {
      this.#context.note(
        'warning',
        `the album ${id} has ${album.count} images, but lists only ${images.length}`,
      );
    }
    return images.length > album.images.length ? images : album.images;
  }

  *#itemsOf(images: ImgurImage[], range: AddressRange, album: Album | undefined): Generator<Item> {
    const { prefer } = this.#context.spec;
    const reach = range === 'public' ? [] : [range];
    for (const image of images) {
      // Nameless and unreachable, or there twice: neither is a picture more.
      const { id } = image;
      if (id === undefined || this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.#index += 1;
      yield imgurItem({ ...image, id }, { index: this.#index, album, reach, prefer });
    }
  }
}

function albumOf({ id, title }: ImgurAlbum, asked: string): Album {
  return { id: id ?? asked, ...(title !== undefined && { title }) };
}

function notAnAnswer(id: string): ListingError {
  return new ListingError(`Imgur's answer about ${id} is neither an album nor an image`, {
    code: 'not-an-answer',
    hint: 'try again later; check --imgur-api where you use it',
  });
}
