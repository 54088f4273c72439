import type { Metadata } from 'sharp';
import type { StageSpec } from '../core/stage.ts';
import { readExif } from './exif.ts';
import { geometryOf, type Size } from './geometry.ts';
import { readOptions, sharp } from './library.ts';
import { phashOf } from './phash.ts';
import {
  type Made,
  mostBytes,
  mostFrames,
  mostPixels,
  type NewFile,
  type PictureAnswer,
} from './picture-messages.ts';
import { smallPixels, smallSide } from './small-pixels.ts';
import { stripMetadata } from './strip-metadata.ts';
import { type Target, targetOf } from './target-format.ts';
import { type Change, type Page, scaled, writePage, writePages } from './write-picture.ts';

/**
 * Makes of one picture what the stage asks for. A picture that needs no change keeps its bytes, but its first frame is
 * decoded all the same, unless it was already (`isDecoded`): what comes out of the stage can be shown. Rejects with the
 * library's error where it is broken.
 */
export async function applyStage(
  bytes: Buffer,
  stage: StageSpec,
  isDecoded: boolean,
): Promise<PictureAnswer> {
  const head = await sharp(bytes, readOptions).metadata();
  const target = targetOf(head, stage, bytes);
  const first = pageOf(head, stage);
  const isOther = target.isOther || first.geometry !== null;
  const kept = isOther ? undefined : stage.stripMetadata ? keptFile(bytes, head, target) : null;
  const change: Change = {
    target,
    quality: stage.quality,
    pages: kept === undefined ? [first, ...(await furtherPages(bytes, target.pages, stage))] : [first],
    keeps: {
      exif: head.exif !== undefined && !stage.stripMetadata,
      xmp: head.xmp !== undefined && !stage.stripMetadata,
      iptc: stage.stripMetadata ? null : (head.iptc ?? null),
    },
  };
  const tooLarge = tooManyPixels(change);
  if (tooLarge !== null) return { state: 'too-many-pixels', reason: tooLarge };

  const { file, small } = await work(bytes, change, kept, stage, isDecoded);
  if (file !== null && file.bytes.length > mostBytes) {
    return {
      state: 'too-many-pixels',
      reason: `a new file of ${file.bytes.length} bytes, more than ${mostBytes}`,
    };
  }
  const exif = head.exif === undefined ? {} : readExif(head.exif);
  const phash = stage.phash ? phashOf(small!, smallSide) : undefined;
  const made: Made = {
    ...first.original,
    ...(Object.keys(exif).length > 0 ? { exif } : {}),
    ...(phash === undefined ? {} : { phash }),
    ...(stage.blurhash ? { small: small! } : {}),
    file,
  };
  return { state: 'whole', made };
}

/** As its EXIF says that it is to be shown. */
function pageOf(head: Metadata, stage: StageSpec): Page {
  const original = { width: head.autoOrient.width, height: head.pageHeight ?? head.autoOrient.height };
  const geometry = geometryOf(original, stage);
  return { original, geometry, final: geometry?.final ?? original };
}

/** Those behind the first, as far as they can be worked on, and one more. */
async function furtherPages(bytes: Buffer, count: number, stage: StageSpec): Promise<Page[]> {
  const found: Page[] = [];
  let pixels = 0;
  for (let page = 1; page < Math.min(count, mostFrames + 1) && pixels <= mostPixels; page += 1) {
    const next = pageOf(await sharp(bytes, { ...readOptions, page }).metadata(), stage);
    pixels += pixelsOf(next.original);
    found.push(next);
  }
  return found;
}

/** The file of the very pixels that there are, null for the bytes as they are; undefined where it has to be written anew. */
function keptFile(bytes: Buffer, head: Metadata, { ext, mime }: Target): NewFile | null | undefined {
  const stripped = stripMetadata(bytes, head);
  if (stripped === null) return hasMetadata(head) ? undefined : null;
  if (stripped.equals(bytes)) return null;
  return { bytes: stripped, ext, mime, width: head.width, height: head.pageHeight ?? head.height };
}

const hasMetadata = ({ exif, xmp, iptc }: Metadata): boolean =>
  exif !== undefined || xmp !== undefined || iptc !== undefined;

const pixelsOf = ({ width, height }: Size): number => width * height;

/** Of what is read and of what is to be written, before either is done. */
function tooManyPixels({ target, pages }: Change): string | null {
  const { frames, name, mostSide } = target;
  const count = frames * pages.length;
  if (count > mostFrames) return `${count} frames, more than ${mostFrames}`;
  for (const which of ['original', 'final'] as const) {
    const pixels = pages.reduce((sum, page) => sum + pixelsOf(page[which]) * frames, 0);
    if (pixels > mostPixels) return `${pixels} pixels, more than ${mostPixels}`;
  }
  const side = Math.max(...pages.map(({ final }) => Math.max(final.width, final.height)));
  return side > mostSide ? `a side of ${side} pixels, more than the ${mostSide} of ${name}` : null;
}

/** The new file, where there is to be one, and the small pixels, where they are asked for. */
async function work(
  bytes: Buffer,
  change: Change,
  kept: NewFile | null | undefined,
  stage: StageSpec,
  isDecoded: boolean,
): Promise<{ file: NewFile | null; small?: Buffer }> {
  const smallOnes = () => smallPixels(sharp(bytes, readOptions).autoOrient());
  const wantsSmall = stage.phash || stage.blurhash;
  if (kept !== undefined)
    return { file: kept, ...((wantsSmall || !isDecoded) && { small: await smallOnes() }) };
  if (!wantsSmall || !canShare(change)) {
    const file = await writePages(bytes, change);
    return wantsSmall ? { file, small: await smallOnes() } : { file };
  }
  // Decoding is what takes the time: both are made of the one scaled picture.
  const once = await scaled(bytes, change).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const again = () => sharp(once.data, { raw: once.info });
  return { file: await writePage(again(), change), small: await smallPixels(again()) };
}

/** Whether bare pixels of the new size have all that the small ones show, and all that is to be written. */
function canShare({ pages, target, keeps }: Change): boolean {
  const [{ geometry }] = pages;
  return (
    geometry !== null &&
    target.frames * pages.length === 1 &&
    !keeps.exif &&
    !keeps.xmp &&
    Math.min(geometry.scaled.width, geometry.scaled.height) >= 2 * smallSide &&
    pixelsOf(geometry.scaled) <= mostSharedPixels
  );
}

/** Beyond it copies cost more than a second decoding, which leaves most of a JPEG out. */
const mostSharedPixels = 2_000_000;
