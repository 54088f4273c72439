import fs from 'node:fs';
import path from 'node:path';
import { mostThumbnailBytes } from '../image/thumbnail-messages.ts';

/** A stored picture that stands for others. */
export interface SamplePicture {
  /** Relative to the destination, with `/`. */
  path: string;
  width: number | null;
  height: number | null;
  blurhash: string | null;
}

export interface ContactPicture extends SamplePicture {
  /** A `data:` address; null where the file is gone, or cannot be decoded. */
  address: string | null;
}

/** Makes a WebP of a picture's bytes; null where it cannot be decoded. Never rejects because of the picture. */
export type MakeThumbnail = (bytes: Uint8Array) => Promise<Uint8Array | null>;

/** The pictures with their thumbnails, in order, one at a time. */
export async function* contactPictures(
  directory: string,
  samples: readonly SamplePicture[],
  make: MakeThumbnail,
): AsyncGenerator<ContactPicture> {
  for (const sample of samples) {
    const bytes = bytesOf(directory, sample.path);
    const webp = bytes === null ? null : await make(bytes);
    const address = webp === null ? null : `data:image/webp;base64,${Buffer.from(webp).toString('base64')}`;
    yield { ...sample, address };
  }
}

/** Null of what is not a file below the directory, or cannot be read: a journal may have come from elsewhere. */
function bytesOf(directory: string, relative: string): Buffer | null {
  let descriptor: number | undefined;
  try {
    const file = fs.realpathSync(path.join(directory, relative));
    if (!file.startsWith(fs.realpathSync(directory) + path.sep)) return null;
    // A pipe that came there in the meantime would be waited for.
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const stats = fs.fstatSync(descriptor);
    return stats.isFile() && stats.size <= mostThumbnailBytes ? fs.readFileSync(descriptor) : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/** The mean colour of a BlurHash, `#rrggbb`: the third to sixth of its digits. Null of what is none. */
export function colourOf(blurhash: string | null): string | null {
  if (blurhash === null || blurhash.length < 6) return null;
  const values = [...blurhash.slice(2, 6)].map((digit) => digits.indexOf(digit));
  const colour = values.reduce((sum, value) => sum * 83 + value, 0);
  if (values.includes(-1) || colour > 0xffffff) return null;
  return `#${colour.toString(16).padStart(6, '0')}`;
}
