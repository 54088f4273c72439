/** `any` is tried as album, then as gallery post, then as image. `user` is all that an account has posted. */
export type ImgurKind = 'album' | 'gallery' | 'image' | 'any' | 'user';

export interface ImgurLink {
  kind: ImgurKind;
  /** Word characters; for a `user`, the account's name. */
  id: string;
  /** The picture's own address, where the link says it: it can be had without the API. */
  direct?: string;
}

const hosts = /^(?:www\.|i\.|m\.)?imgur\.(?:com|io)$/;
const mayNameImgur = /imgur|%|[^!-~]/i;
const pictureExtensions = /^(?:jpe?g|png|gif|webp|apng|avif|tiff?|bmp|mp4|webm)$/;

/** Whether `text` is for Imgur at all: `imgur:...`, or an address on one of its hosts. */
export function isImgur(text: string): boolean {
  if (/^imgur:/i.test(text)) return true;
  // Most addresses need no parsing for it. What is encoded, or not ASCII, may be a host in disguise.
  if (!mayNameImgur.test(text)) return false;
  const url = /^https?:/i.test(text) ? URL.parse(text) : null;
  return url !== null && hosts.test(url.hostname) && url.port === '';
}

/**
 * What an Imgur address, or `imgur:ID`, names: null where it is none of the known forms. Query and
 * fragment say nothing of it; thumbnails lead to their original.
 */
export function parseImgurLink(text: string): ImgurLink | null {
  if (!isImgur(text)) return null;
  const named = /^imgur:(.*)$/is.exec(text)?.[1];
  if (named !== undefined) return /^\w+$/.test(named) ? { kind: 'any', id: named } : null;

  const url = new URL(text);
  const [first = '', second = '', third = ''] = url.pathname.split('/').filter((segment) => segment !== '');
  switch (first) {
    case 'a':
    case 'album':
      return withId('album', second);
    case 'gallery':
    case 'g':
      return withId('gallery', second);
    case 't':
    case 'topic':
    case 'r':
      return withId('gallery', third);
    case 'user':
      return /^[\w.-]+$/.test(second) && /^(|posts|submissions)$/.test(third)
        ? { kind: 'user', id: second }
        : null;
    default:
      return imageLink(url, first);
  }
}

/** Pages are named `ID`, or `words-of-the-title-ID`. */
function withId(kind: ImgurKind, segment: string): ImgurLink | null {
  const id = segment.slice(segment.lastIndexOf('-') + 1);
  return /^\w+$/.test(id) ? { kind, id } : null;
}

function imageLink(url: URL, segment: string): ImgurLink | null {
  const file = /^(\w+)\.(\w+)$/.exec(segment);
  if (file === null) return withId('image', segment);
  const id = originalId(file[1]!);
  const extension = file[2]!.toLowerCase();
  const link: ImgurLink = { kind: 'image', id };
  if (pictureExtensions.test(extension)) link.direct = `${url.protocol}//i.imgur.com/${id}.${extension}`;
  return link;
}

/** A letter behind the 5 or 7 of an id asks for a smaller picture (s, b, t, m, l, h), as does `_d`. */
function originalId(name: string): string {
  return name.replace(/^(\w{5}|\w{7})(?:[sbtmlh]|_d)$/, '$1');
}
