import { createCipheriv, hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Expected } from './faults.ts';

/** SOI, and the APP0 of JFIF 1.1 (ITU T.871): one by one pixel, no thumbnail. */
const head = Buffer.from(`ffd8ffe00010${Buffer.from('JFIF\0').toString('hex')}010100000100010000`, 'hex');
/** A comment takes two bytes for its mark and two for its length, which counts itself. */
const [commentHead, longestComment] = [4, 65_537];
/** Always the same: everything follows from it. */
const key = Buffer.alloc(16, 'gallop');

/** Random bytes, the same for the same number. */
export function randomBytes(number: number, bytes: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.writeUInt32BE(number);
  return createCipheriv('aes-128-ctr', key, counter).update(Buffer.alloc(bytes));
}

/**
 * JPEGs that decode, each of exactly `bytes` bytes (800 or more) and each with other ones: one picture of noise, and
 * behind its APP0 comments of random bytes that fill what is left, as cameras do with thumbnails.
 */
export async function jpegs(bytes: number): Promise<(number: number) => Buffer> {
  // Sharp writes no APP0: behind its SOI come the tables.
  const rest = (await noise(bytes)).subarray(2);
  const left = bytes - head.length - rest.length;
  return (number) => Buffer.concat([head, comments(number, left), rest]);
}

/** The largest square of noise that leaves a comment room in a tenth or more of the bytes. */
async function noise(bytes: number): Promise<Buffer> {
  for (let side = Math.ceil(Math.sqrt(bytes)); ; side = Math.floor(side * 0.95)) {
    const raw = { width: side, height: side, channels: 1 } as const;
    const picture = await sharp(randomBytes(0, side * side), { raw })
      .jpeg({ quality: 75 })
      .toBuffer();
    if (picture.length <= 0.9 * bytes || side < 8) return picture;
  }
}

function comments(number: number, bytes: number): Buffer {
  const filling = randomBytes(number, bytes);
  for (let at = 0; at < bytes; ) {
    const left = bytes - at;
    // What is left over must be long enough for a comment of its own.
    const length = left <= longestComment ? left : Math.min(longestComment, left - commentHead);
    filling.set([0xff, 0xfe], at);
    filling.writeUInt16BE(length - 2, at + 2);
    at += length;
  }
  return filling;
}

/** Writes `count` of them, as 0.jpg and so on, and returns what they are. */
export async function writeJpegs(directory: string, count: number, bytes: number): Promise<Expected> {
  const jpeg = await jpegs(bytes);
  const expected = new Map<string, string>();
  for (let number = 0; number < count; number += 1) {
    const picture = jpeg(number);
    writeFileSync(join(directory, `${number}.jpg`), picture);
    expected.set(`${number}.jpg`, hash('sha256', picture, 'hex'));
  }
  return expected;
}
