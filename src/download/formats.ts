import { holdsBmp, holdsIco } from './bitmap-endings.ts';
import { holdsEbml } from './ebml-ending.ts';
import { type Body, endsWithGif, endsWithJpeg, endsWithPng, holdsBoxes, holdsRiff } from './endings.ts';
import { holdsTiff } from './tiff-ending.ts';

/** What a file is by its bytes. */
export interface Format {
  /** Without a dot; the extension that the file gets. */
  ext: string;
  mime: string;
  /** Whether the body goes on to where the format says it ends; absent where the format does not say. */
  whole?: (body: Body) => Promise<boolean>;
  /** `--check full` can decode its pixels. */
  decodes?: boolean;
}

/** Enough of a file's beginning to know every format below. */
export const magicBytes = 64;

const ascii = (head: Buffer, offset: number, text: string): boolean =>
  head.toString('latin1', offset, offset + text.length) === text;

const bytes = (head: Buffer, ...expected: number[]): boolean =>
  expected.every((byte, at) => head[at] === byte);

/** Brands of ISO base media files (ISO/IEC 14496-12, "ftyp"), from the registry at mp4ra.org. */
function isoFormat(head: Buffer): Format | undefined {
  if (!ascii(head, 4, 'ftyp')) return undefined;
  const brand = head.toString('latin1', 8, 12);
  const box = (ext: string, mime: string, ...needed: string[]): Format => ({
    ext,
    mime,
    whole: holdsBoxes('mdat', ...needed),
  });
  const avif = () => ({ ...box('avif', 'image/avif'), decodes: true });
  if (/^avi[fs]$/.test(brand)) return avif();
  if (/^(hei[cxms]|hev[cxms])$/.test(brand)) return box('heic', 'image/heic');
  if (/^(mif1|msf1)$/.test(brand)) {
    // The general brand of picture files: the compatible brands that follow say which.
    return head.includes('avif', 12, 'latin1') ? avif() : box('heic', 'image/heic');
  }
  if (brand === 'qt  ') return box('mov', 'video/quicktime', 'moov');
  return box('mp4', 'video/mp4', 'moov');
}

/** In either byte order, with numbers of 32 bits, or (BigTIFF) of 64, which it says once more. */
const isTiff = (head: Buffer): boolean =>
  bytes(head, 0x49, 0x49, 0x2a, 0) ||
  bytes(head, 0x4d, 0x4d, 0, 0x2a) ||
  bytes(head, 0x49, 0x49, 0x2b, 0, 8, 0, 0, 0) ||
  bytes(head, 0x4d, 0x4d, 0, 0x2b, 0, 8, 0, 0);

type Detector = (head: Buffer) => Format | undefined;

const when =
  (test: (head: Buffer) => boolean, format: Format): Detector =>
  (head) =>
    test(head) ? format : undefined;

/** Pictures and videos, the most frequent first. */
const detectors: readonly Detector[] = [
  when((h) => bytes(h, 0xff, 0xd8, 0xff), {
    ext: 'jpg',
    mime: 'image/jpeg',
    whole: endsWithJpeg,
    decodes: true,
  }),
  when((h) => bytes(h, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), {
    ext: 'png',
    mime: 'image/png',
    whole: endsWithPng,
    decodes: true,
  }),
  when((h) => ascii(h, 0, 'RIFF') && ascii(h, 8, 'WEBP'), {
    ext: 'webp',
    mime: 'image/webp',
    whole: holdsRiff,
    decodes: true,
  }),
  when((h) => ascii(h, 0, 'GIF87a') || ascii(h, 0, 'GIF89a'), {
    ext: 'gif',
    mime: 'image/gif',
    whole: endsWithGif,
    decodes: true,
  }),
  isoFormat,
  when((h) => bytes(h, 0x1a, 0x45, 0xdf, 0xa3) && h.includes('webm'), {
    ext: 'webm',
    mime: 'video/webm',
    whole: holdsEbml,
  }),
  when((h) => bytes(h, 0x1a, 0x45, 0xdf, 0xa3), { ext: 'mkv', mime: 'video/matroska', whole: holdsEbml }),
  when((h) => bytes(h, 0, 0, 0, 12) && ascii(h, 4, 'JXL '), {
    ext: 'jxl',
    mime: 'image/jxl',
    whole: holdsBoxes(),
  }),
  when((h) => bytes(h, 0xff, 0x0a), { ext: 'jxl', mime: 'image/jxl' }),
  when((h) => bytes(h, 0, 0, 0, 12) && ascii(h, 4, 'jP  '), {
    ext: 'jp2',
    mime: 'image/jp2',
    whole: holdsBoxes('jp2c'),
  }),
  when(isTiff, { ext: 'tif', mime: 'image/tiff', whole: holdsTiff, decodes: true }),
  // "BM" alone is two letters of text: the reserved zeros and the size of the header belong to it.
  when((h) => ascii(h, 0, 'BM') && h.length >= 18 && h.readUInt32LE(6) === 0 && h.readUInt32LE(14) <= 124, {
    ext: 'bmp',
    mime: 'image/bmp',
    whole: holdsBmp,
  }),
  when((h) => bytes(h, 0, 0, 1, 0) && (h[4] ?? 0) > 0 && h[5] === 0, {
    ext: 'ico',
    mime: 'image/x-icon',
    whole: holdsIco,
  }),
  when((h) => ascii(h, 0, 'RIFF') && ascii(h, 8, 'AVI '), {
    ext: 'avi',
    mime: 'video/x-msvideo',
    whole: holdsRiff,
  }),
];

/** The format of a file that begins with `head` (`magicBytes`, or the whole of a shorter file). */
export function detectFormat(head: Buffer): Format | undefined {
  for (const detect of detectors) {
    const format = detect(head);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** Every extension that a format above gives. */
export const formatExtensions: readonly string[] = [
  'jpg',
  'png',
  'webp',
  'gif',
  'mp4',
  'avif',
  'heic',
  'mov',
  'webm',
  'mkv',
  'jxl',
  'jp2',
  'tif',
  'bmp',
  'ico',
  'avi',
];

/** What stands in place of a picture, for the message: what people send most by mistake. */
export function describeOther(head: Buffer): string {
  const text = head.toString('latin1').trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html') || text.startsWith('<head'))
    return 'an HTML page';
  if (text.startsWith('<svg') || text.startsWith('<?xml')) return 'XML or SVG';
  if (/^[{[]\s*(["{[\]}\d-]|true|false|null)/.test(text)) return 'JSON';
  if (text.startsWith('%pdf')) return 'a PDF';
  return /^[\t\n\r\x20-\x7e]*$/.test(text) ? 'text' : 'another kind of file';
}
