import type { AddressRange, Album, Expectation, Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { brokenItem } from './broken-item.ts';
import type { ImgurImage } from './imgur-shapes.ts';
import type { ImgurLink } from './imgur-url.ts';

const extensionOf = (link: string) => /\.(\w+)$/.exec(URL.parse(link)?.pathname ?? '')?.[1]?.toLowerCase();
const stemOf = (link: string) => /([^/]*?)(?:\.\w+)?$/.exec(URL.parse(link)?.pathname ?? '')?.[1];

const mimeOf: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp4: 'video/mp4',
};

interface Place {
  index: number;
  album: Album | undefined;
  reach: AddressRange[];
  prefer: RunSpec['prefer'];
}

/** The item of an image that the API told of. */
export function imgurItem(image: ImgurImage & { id: string }, { index, album, reach, prefer }: Place): Item {
  const key = `imgur:${image.id}`;
  const file = chooseFile(image, prefer);
  if (file === undefined) {
    const message = `Imgur gives no address for its image ${image.id}`;
    return { ...brokenItem(key, key, index, { code: 'not-found', message }), ...(album && { album }) };
  }
  return {
    key,
    url: file.url,
    name: image.id,
    ...(image.title !== undefined && { title: image.title }),
    ...(album !== undefined && { album }),
    index,
    expect: file.expect,
    reach,
    meta: image.raw,
  };
}

/**
 * The picture itself, or the video that an animated one was made into; promises only what was said of that very
 * file. A GIF of over 20 MB has a still thumbnail as its `link`: another name than its id, or another type.
 */
function chooseFile(
  image: ImgurImage & { id: string },
  prefer: RunSpec['prefer'],
): { url: string; expect: Expectation } | undefined {
  const { link, mp4 } = image;
  const extension = link === undefined ? undefined : extensionOf(link);
  const still =
    link !== undefined && image.type === 'image/gif' && (extension !== 'gif' || stemOf(link) !== image.id);
  const ready = mp4 !== undefined && image.mp4Bytes !== 0;
  if (mp4 !== undefined && mp4 !== link && ((ready && (prefer === 'mp4' || still)) || link === undefined)) {
    // Width and height are the picture's: a video's are even numbers.
    return { url: mp4, expect: { ...(image.mp4Bytes && { bytes: image.mp4Bytes }), mime: 'video/mp4' } };
  }
  if (link === undefined) return undefined;
  if (still) return { url: link, expect: {} };
  const mime = extension === undefined ? undefined : mimeOf[extension];
  return {
    url: link,
    expect: {
      ...(image.bytes !== undefined && { bytes: image.bytes }),
      ...(mime !== undefined && mime === image.type && { mime }),
      ...(image.width !== undefined && { width: image.width }),
      ...(image.height !== undefined && { height: image.height }),
    },
  };
}

/** The item of a link that leads to the picture itself: no request to the API is needed. */
export function imgurDirectItem(
  link: ImgurLink & { direct: string },
  index: number,
  reach: AddressRange[],
): Item {
  return { key: `imgur:${link.id}`, url: link.direct, name: link.id, index, reach };
}
