import type { Picture } from './pictures.ts';

type Shape = Record<string, unknown>;

/** An image as Imgur's API v3 describes it. `url` is this origin's own, without a slash at its end. */
export function imageShape(picture: Picture, url: string): Shape {
  const { id, title, datetime, mime, width, height, body, video, ext } = picture;
  const animated = video !== undefined;
  return {
    id,
    title,
    description: null,
    datetime,
    type: mime,
    animated,
    width,
    height,
    size: body.length,
    views: 1000 + ((datetime * 7919) % 90_000),
    bandwidth: body.length * 1000,
    vote: null,
    favorite: false,
    nsfw: null,
    section: null,
    account_url: null,
    account_id: null,
    is_ad: false,
    in_most_viral: false,
    has_sound: false,
    tags: [],
    ad_type: 0,
    ad_url: '',
    edited: '0',
    in_gallery: false,
    link: `${url}/${id}.${ext}`,
    ...(animated
      ? {
          mp4: `${url}/${id}.mp4`,
          mp4_size: video.length,
          gifv: `${url}/${id}.gifv`,
          looping: true,
          processing: { status: 'completed' },
        }
      : {}),
  };
}

/** An album with the images that are given; `count` where it says that it has more. */
export function albumShape(
  id: string,
  title: string,
  images: Shape[],
  url: string,
  count = images.length,
): Shape {
  return {
    id,
    title,
    description: null,
    datetime: 1_400_000_000,
    cover: images[0]?.id ?? null,
    cover_width: images[0]?.width ?? null,
    cover_height: images[0]?.height ?? null,
    account_url: null,
    account_id: null,
    privacy: 'hidden',
    layout: 'blog',
    views: 4242,
    link: `${url}/a/${id}`,
    favorite: false,
    nsfw: false,
    section: null,
    images_count: count,
    in_gallery: false,
    is_ad: false,
    include_album_ads: false,
    is_album: true,
    images,
  };
}
