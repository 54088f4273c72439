import { ListingError, UsageError } from '../core/errors.ts';
import type { Item } from '../core/item.ts';
import { shortUrl } from '../core/printable-url.ts';
import { imgurCredentials } from './imgur-credentials.ts';
import { imgurDirectItem } from './imgur-item.ts';
import { type ImgurLink, isImgur, parseImgurLink } from './imgur-url.ts';
import type { Source, SourceContext } from './source.ts';

/** Albums, gallery posts, images and what an account posted, by Imgur's API, version 3. */
export const imgur: Source = {
  name: 'imgur',
  matches: isImgur,
  async *items(input, context) {
    const link = parseImgurLink(input);
    if (link === null) {
      throw new UsageError(`'${shortUrl(input)}' names nothing on Imgur that can be downloaded`, {
        hint: 'write imgur:ID, or the address of an album, a gallery post, an image or a user',
      });
    }
    if (link.direct === undefined) {
      yield* listed(link, context);
    } else {
      yield* directLink({ ...link, direct: link.direct }, context);
    }
  },
};

/** The API knows the size and the video of an image; without it, the link still leads to the picture. */
async function* directLink(
  link: ImgurLink & { direct: string },
  context: SourceContext,
): AsyncGenerator<Item> {
  if (imgurCredentials(context.environment) !== undefined) {
    try {
      yield* listed(link, context);
      return;
    } catch (error) {
      if (!(error instanceof ListingError)) throw error;
      context.note('info', `${error.message}: taking ${link.direct} as it is`);
    }
  }
  context.expectTotal(1);
  yield imgurDirectItem(link, 1, ['loopback', 'private', 'local']);
}

async function* listed(link: ImgurLink, context: SourceContext): AsyncGenerator<Item> {
  // Loaded when it is asked for: most lists do without Imgur's API.
  const { listLink } = await import('./imgur-listing.ts');
  yield* listLink(link, context);
}
