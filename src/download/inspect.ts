import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { RequestError } from '../http/request-error.ts';
import type { Body } from './endings.ts';
import { detectFormat, formatExtensions } from './formats.ts';
import type { Digests } from './hashing.ts';
import { jpegSize, type PixelSize } from './jpeg-size.ts';
import { otherFormat } from './other-format.ts';
import { svgFormat, svgSize } from './svg.ts';

export interface Found {
  ext: string;
  mime: string;
  sha256: string;
  width: number | null;
  height: number | null;
  /** Its pixels can be decoded here. */
  decodes: boolean;
}

/** Where metadata comes first, the size in pixels may stand this far behind. */
const largeHeadBytes = 512 * 1024;

/** Judges whole bodies as one run wants them judged. */
export class Inspector {
  readonly #spec: RunSpec;

  constructor(spec: RunSpec) {
    this.#spec = spec;
  }

  /** Every extension that a picture or a video may get. */
  get extensions(): readonly string[] {
    return this.#spec.svg ? [...formatExtensions, 'svg'] : formatExtensions;
  }

  /** Checks a body against its own format and the source's promises. Throws a `RequestError`. */
  async inspect(item: Item, body: Body, head: Buffer, digests: Digests, url: URL): Promise<Found> {
    const { check, svg } = this.#spec;
    const drawing = svg ? svgFormat(head) : undefined;
    const format = detectFormat(head) ?? drawing ?? (await otherFormat(head));
    if (check !== 'none' && format.whole !== undefined && !(await format.whole(body))) {
      throw new RequestError(
        'truncated',
        `${url.host}: the ${format.ext} file of ${body.size} bytes ends too early`,
      );
    }
    const { width, height } = await pixels(body, head, format.mime);
    refusePlaceholder(item, url, format.ext, width, height);
    keepPromises(item, body.size, digests, url);
    const { ext, mime, decodes = false } = format;
    return { ext, mime, sha256: digests.sha256, width, height, decodes };
  }
}

async function pixels(body: Body, head: Buffer, mime: string): Promise<PixelSize | typeof unknownSize> {
  if (!mime.startsWith('image/')) return unknownSize;
  // It says so itself, at its beginning, or not at all.
  if (mime === 'image/svg+xml') return svgSize(head) ?? unknownSize;
  const measure = mime === 'image/jpeg' ? jpegSize : await measureOther();
  const size = measure(head);
  if (size !== undefined || head.length >= body.size) return size ?? unknownSize;
  return measure(await body.read(0, largeHeadBytes)) ?? unknownSize;
}

const unknownSize = { width: null, height: null };

/** Measures every other format. Loaded when used: most pictures are JPEGs. */
async function measureOther(): Promise<(bytes: Buffer) => PixelSize | undefined> {
  const { imageSize } = await import('image-size');
  return (bytes) => {
    try {
      const { width, height } = imageSize(bytes);
      return width > 0 && height > 0 ? { width, height } : undefined;
    } catch {
      // It throws both for too few bytes and for formats that it does not know.
      return undefined;
    }
  };
}

/** Imgur's picture for a removed one is a PNG of 161 x 81, sometimes sent without a redirect. */
function refusePlaceholder(
  item: Item,
  url: URL,
  ext: string,
  width: number | null,
  height: number | null,
): void {
  if (ext !== 'png' || width !== 161 || height !== 81) return;
  const promised = item.expect?.width;
  const isImgur = /(^|\.)imgur\.(com|io)$/.test(url.hostname);
  if (promised === undefined ? isImgur : promised !== width || item.expect?.height !== height) {
    throw new RequestError('removed', `${url.host} sent its picture for what was removed`);
  }
}

function keepPromises(item: Item, bytes: number, digests: Digests, url: URL): void {
  const expect = item.expect ?? {};
  const broken = (what: string, got: unknown, promised: unknown) =>
    new RequestError('mismatch', `${url.host}: ${what} is ${got}, the source promised ${promised}`);
  if (expect.bytes !== undefined && expect.bytes !== bytes) throw broken('size', bytes, expect.bytes);
  for (const name of ['sha256', 'sha1', 'md5'] as const) {
    const promised = expect[name];
    if (promised !== undefined && digests[name] !== promised) throw broken(name, digests[name], promised);
  }
}
