/** Of a picture that takes more, no thumbnail is made. */
export const mostThumbnailBytes = 64 * 1024 * 1024;
export const mostThumbnailPixels = 100_000_000;

/** What the process that makes thumbnails is told: a picture, and the pixels of its larger side. */
export interface ThumbnailRequest {
  bytes: Uint8Array;
  side: number;
}

/** What it says: once that it can work, then for every picture a WebP, or null where it cannot be decoded. */
export type FromThumbnailer = 'ready' | { webp: Uint8Array | null };
