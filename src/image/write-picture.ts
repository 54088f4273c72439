import type { Sharp } from 'sharp';
import type { Geometry, Size } from './geometry.ts';
import { withIptc } from './iptc.ts';
import { joinTiff } from './join-tiff.ts';
import { readOptions, sharp } from './library.ts';
import type { NewFile } from './picture-messages.ts';
import { type Target, writeAs } from './target-format.ts';

/** How a picture is to be written anew. */
export interface Change {
  target: Target;
  quality: number | null;
  /** One, but where a TIFF keeps several. */
  pages: readonly [Page, ...Page[]];
  /** What the file says of itself beside its pixels. */
  keeps: Kept;
}

export interface Kept {
  exif: boolean;
  xmp: boolean;
  /** As the library found it. */
  iptc: Buffer | null;
}

export interface Page {
  original: Size;
  geometry: Geometry | null;
  /** The size in the file. */
  final: Size;
}

/**
 * Upright, and of its size: one page, or all frames of an animation. The library asks the decoders of JPEG, WebP and
 * SVG for a smaller picture where it is to become small.
 */
export function scaled(bytes: Buffer, { target, pages }: Change, page = 0): Sharp {
  // An animation has no orientation that anything heeds.
  const picture =
    target.frames > 1
      ? sharp(bytes, { ...readOptions, pages: -1 })
      : sharp(bytes, { ...readOptions, ...(page > 0 && { page }) }).autoOrient();
  const { geometry } = pages[page]!;
  if (geometry === null) return picture;
  return picture.resize(geometry.scaled.width, geometry.scaled.height, { fit: 'fill' });
}

/** The file of a picture, page by page. */
export async function writePages(bytes: Buffer, change: Change): Promise<NewFile> {
  const first = await writePage(scaled(bytes, change), change);
  if (change.pages.length === 1) return first;
  const files = [Buffer.from(first.bytes)];
  for (let page = 1; page < change.pages.length; page += 1) {
    const { bytes: file } = await writePage(scaled(bytes, change, page), change, page);
    files.push(Buffer.from(file));
  }
  return { ...first, bytes: joinTiff(files) };
}

/** The file of one page, scaled: in sRGB of 8 bits. The library sets EXIF's orientation to 1 where it has turned the picture. */
export async function writePage(picture: Sharp, change: Change, page = 0): Promise<NewFile> {
  const { target, keeps, quality } = change;
  const { geometry, final } = change.pages[page]!;
  let output = geometry === null ? picture : cutOrFilled(picture, geometry);
  if (!target.hasAlpha) output = output.flatten({ background: 'white' });
  // Asked to keep an EXIF that is not there, the library makes one up.
  if (keeps.exif) output = output.keepExif();
  if (keeps.xmp) output = output.keepXmp();
  const written = await writeAs(output, target, quality).toBuffer();
  // The library keeps IPTC together with profiles alone; other formats have no place for it, or it cuts it short.
  const bytes = target.name === 'jpg' && keeps.iptc !== null ? withIptc(written, keeps.iptc) : written;
  return { bytes, ext: target.ext, mime: target.mime, ...final };
}

function cutOrFilled(picture: Sharp, { scaled, final, left, top }: Geometry): Sharp {
  if (scaled.width > final.width || scaled.height > final.height) {
    return picture.extract({ left, top, ...final });
  }
  const [right, bottom] = [final.width - scaled.width - left, final.height - scaled.height - top];
  if (left + right + top + bottom === 0) return picture;
  return picture.extend({ left, top, right, bottom, background: 'white' });
}
