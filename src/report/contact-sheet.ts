import fs from 'node:fs/promises';
import path from 'node:path';
import type { PackedPlace } from '../journal/report-rows.ts';

/** Of a picture that takes more, no thumbnail is made. */
const mostThumbnailBytes = 64 * 1024 * 1024;

interface Frame {
  width: number | null;
  height: number | null;
  blurhash: string | null;
}

/** A stored picture that stands for others: its file, relative to the destination, with `/`, or its place in a shard. */
export type SamplePicture = Frame & { place: string | PackedPlace };

export interface ContactPicture extends Frame {
  /** Where people find it: its file, or its shard with its key in it. */
  path: string;
  isFile: boolean;
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
  for (const { place, ...frame } of samples) {
    const isFile = typeof place === 'string';
    const found = isFile ? await storedPicture(directory, place) : await shardPicture(directory, place);
    const webp = found.bytes === null ? null : await make(found.bytes);
    const address = webp === null ? null : `data:image/webp;base64,${Buffer.from(webp).toString('base64')}`;
    yield { ...frame, path: found.path, isFile, address };
  }
}

interface Found {
  path: string;
  bytes: Uint8Array | null;
}

async function storedPicture(directory: string, file: string): Promise<Found> {
  const bytes = await readInside(directory, file, async (handle) => {
    const { size } = await handle.stat();
    return size <= mostThumbnailBytes ? await handle.readFile() : null;
  });
  return { path: file, bytes };
}

async function shardPicture(directory: string, { shard, key }: PackedPlace): Promise<Found> {
  // Parquet is loaded with it.
  const { packedPicture } = await import('../shards/packed-picture.ts');
  for (const kind of ['tar', 'parquet'] as const) {
    const file = `${shard}.${kind}`;
    const bytes = await readInside(directory, file, (handle) =>
      packedPicture(handle, kind, key, mostThumbnailBytes),
    );
    if (bytes !== null) return { path: `${file}/${key}`, bytes };
  }
  return { path: `${shard}/${key}`, bytes: null };
}

/** Null of what is not a file below the directory, or cannot be read: a journal may have come from elsewhere. */
async function readInside<T>(
  directory: string,
  relative: string,
  read: (handle: fs.FileHandle) => Promise<T | null>,
): Promise<T | null> {
  let handle: fs.FileHandle | undefined;
  try {
    const file = await fs.realpath(path.join(directory, relative));
    if (!file.startsWith((await fs.realpath(directory)) + path.sep)) return null;
    // A pipe that came there in the meantime would be waited for.
    handle = await fs.open(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    return (await handle.stat()).isFile() ? await read(handle) : null;
  } catch {
    return null;
  } finally {
    await handle?.close();
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
