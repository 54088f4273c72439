import type { Metadata } from 'sharp';
import { stripJpeg } from './strip-jpeg.ts';
import { stripPng } from './strip-png.ts';
import { stripWebp } from './strip-webp.ts';

type Strip = (bytes: Buffer, orientation: number) => Buffer | null;

const strips: Readonly<Record<string, Strip>> = { jpeg: stripJpeg, png: stripPng, webp: stripWebp };

/**
 * The same pixels without metadata. How a picture is to be turned is no more than that, and stays, alone: turned, a
 * JPEG would have to be compressed anew. Null where its pixels have to be decoded for it.
 */
export function stripMetadata(bytes: Buffer, { format, orientation = 1 }: Metadata): Buffer | null {
  const isTurned = orientation >= 2 && orientation <= 8;
  return strips[format]?.(bytes, isTurned ? orientation : 1) ?? null;
}
